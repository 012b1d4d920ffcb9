import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { isRunning, markOf, messageOf } from '@arcface/files'
import { LOG, startCommand } from './command.js'
import { TaskLog, type TaskProblem } from './log.js'
import { type TaskRecord, type TaskState, writeRecord } from './record.js'

/** For a command to save what it has done. */
const PATIENCE_MS = 60_000

interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/** A command as a process of its own, which goes on without this server; `change` is emitted with every change. */
export class Task extends EventEmitter<{ change: [] }> {
  readonly log: TaskLog
  #record: TaskRecord
  /** Where this process has started it. */
  #child: ChildProcess | undefined
  #ended: Ended | undefined
  #patience: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  /** @param path its folder @param failed is told why its file cannot be written */
  constructor(
    readonly path: string,
    record: TaskRecord,
    private readonly failed: (error: unknown) => void,
  ) {
    super()
    // Each of those who watch it listens.
    this.setMaxListeners(0)
    this.#record = record
    this.log = new TaskLog(join(path, LOG))
  }

  get record(): TaskRecord {
    return this.#record
  }

  get id(): string {
    return this.#record.id
  }

  get state(): TaskState {
    return this.#record.state
  }

  get isOver(): boolean {
    return this.#record.ended !== null
  }

  /** @param command that its arguments are for @param cwd where it runs */
  start(command: readonly string[], cwd: string): void {
    try {
      // Before the process is there: where this one is killed now, it is not started a second time.
      this.#record = { ...this.#record, state: 'running', started: new Date().toISOString() }
      writeRecord(this.path, this.#record)
      const child = startCommand([...command, ...this.#record.arguments], cwd, this.path)
      this.#child = child
      child.once('error', (error) =>
        this.#end('failed', { code: 'SERVER_COMMAND', message: messageOf(error) }),
      )
      child.once('exit', (code, signal) => {
        this.#ended = { code, signal }
        void this.look()
      })
      if (child.pid !== undefined) this.#change({ process: markOf(child.pid) })
    } catch (error) {
      this.#end('failed', problemOf(error))
    }
  }

  /** Reads what the command has said, and whether it has ended. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  async #look(): Promise<void> {
    if (this.state !== 'running') return
    // Asked before the log is read: what it says last is then in it.
    const isOver = this.#child ? this.#ended !== undefined : !this.#isAlive
    const isNew = await this.log.read()
    if (this.isOver) return
    if (isOver) this.#conclude()
    else if (isNew) {
      this.#record = { ...this.#record, progress: this.log.progress }
      this.emit('change')
    }
  }

  /** Asks it to save and end; the second time, and if it takes too long, ends it. */
  cancel(): void {
    if (this.isOver) return
    if (this.state === 'waiting') {
      this.#end('cancelled')
      return
    }
    const isAgain = this.#record.cancelled
    this.#change({ cancelled: true })
    this.#signal(isAgain ? 'SIGKILL' : 'SIGINT')
    this.#patience ??= setTimeout(() => this.#signal('SIGKILL'), PATIENCE_MS).unref()
  }

  /** Follows it no longer; it goes on. */
  leave(): void {
    clearTimeout(this.#patience)
    this.#child?.removeAllListeners()
    this.#child?.on('error', () => {})
  }

  get #isAlive(): boolean {
    const { process: mark } = this.#record
    return mark !== null && isRunning(mark)
  }

  #signal(signal: 'SIGINT' | 'SIGKILL'): void {
    const { process: mark } = this.#record
    if (mark === null || !this.#isAlive) return
    try {
      // It leads a group of its own; what it started is asked by it, and ended with it.
      process.kill(signal === 'SIGKILL' ? -mark.pid : mark.pid, signal)
    } catch {
      // It has just ended.
    }
  }

  #conclude(): void {
    const { log } = this
    const { cancelled } = this.#record
    const { code, signal } = this.#ended ?? { code: log.exit, signal: null }
    if (code === 0) this.#end('done')
    else if (cancelled) this.#end('cancelled')
    else if (log.problem) this.#end('failed', log.problem)
    // A command that ends without an error, and not well, was interrupted.
    else if (code === 1) this.#end('cancelled')
    else if (code !== null) this.#end('failed', { code: 'SERVER_COMMAND', message: log.last })
    else if (signal !== null)
      this.#end('failed', {
        code: 'SERVER_COMMAND',
        message: `the command was ended by ${signal}`,
        hint: 'Somebody has killed it, or the machine had no memory left.',
      })
    else this.#end('lost')
  }

  #end(state: TaskState, problem: TaskProblem | null = null): void {
    clearTimeout(this.#patience)
    const { progress } = this.log
    const ended = new Date().toISOString()
    this.#change({ state, problem, ended, ...(progress && { progress }) })
  }

  /** Of what cannot be written a server that looks at its files again finds the same. */
  #change(change: Partial<TaskRecord>): void {
    this.#record = { ...this.#record, ...change }
    try {
      writeRecord(this.path, this.#record)
    } catch (error) {
      this.failed(error)
    }
    this.emit('change')
  }
}

function problemOf(error: unknown): TaskProblem {
  const { code } = Object(error) as { code?: unknown }
  return { code: typeof code === 'string' ? code : 'SERVER_COMMAND', message: messageOf(error) }
}
