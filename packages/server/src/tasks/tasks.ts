import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Lock, makeFolder, readRegular } from '@arcface/files'
import type { FastifyBaseLogger } from 'fastify'
import { ServerError } from '../errors.js'
import { ownStatOf, TASKS, type Workspace } from '../workspace/workspace.js'
import { OUT } from './command.js'
import { type TaskKind, TaskPlace } from './kind.js'
import { readRecord, TASK_ID, type TaskRecord, writeRecord } from './record.js'
import { Task } from './task.js'

/** Of a command's output that is told as a result. */
const LONGEST_RESULT = 8 << 20
const MOST_WAITING = 32
/** How often running ones are looked at. */
const LOOK_MS = 500

export interface TasksOptions {
  /** Program and first arguments of `arcface`; none where this server has no such command. */
  readonly command: readonly string[] | undefined
  /** Run at once. */
  readonly most: number
  readonly log: Pick<FastifyBaseLogger, 'error' | 'warn'>
}

/**
 * Commands that a server runs as processes of their own, in the workspace. Each has a folder there with what it was asked,
 * says and makes; they go on when the server ends, and the next one finds them. One server at a time looks after them.
 */
export class Tasks {
  readonly #folder: string
  readonly #all = new Map<string, Task>()
  #lock: Lock | undefined
  #opening: Promise<void> | undefined
  #looking: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    readonly workspace: Workspace,
    private readonly options: TasksOptions,
  ) {
    this.#folder = join(workspace.folder, TASKS)
  }

  /** Whether there is a command that could be run. */
  get canRun(): boolean {
    return this.options.command !== undefined
  }

  /** Finds what an earlier server left, once. @throws FilesError FILES_LOCKED: another one looks after them; FILES_WRITE */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /**
   * @param kind with parameters that its schema has passed
   * @throws ServerError SERVER_COMMAND, SERVER_BUSY, SERVER_STOPPING; FilesError FILES_WRITE, FILES_DISK_FULL; as `kind.command`
   */
  add(kind: TaskKind, parameters: Readonly<Record<string, unknown>>): Task {
    this.#checkRoom()
    const created = new Date().toISOString()
    const id = `${created.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(3).toString('hex')}`
    const path = join(this.#folder, id)
    try {
      makeFolder(path, 0o700)
      const command = kind.command(parameters, new TaskPlace(this.workspace, `${TASKS}/${id}`))
      const { kind: _, ...given } = parameters
      const record: TaskRecord = {
        ...{ id, kind: kind.kind, parameters: given, arguments: command, state: 'waiting' },
        ...{ created, started: null, ended: null, cancelled: false },
        ...{ process: null, progress: null, problem: null },
      }
      writeRecord(path, record)
      const task = this.#keep(path, record)
      this.#next()
      return task
    } catch (error) {
      rmSync(path, { recursive: true, force: true })
      throw error
    }
  }

  /** The latest first. */
  list(): Task[] {
    return [...this.#all.values()].sort((a, b) => (a.record.created < b.record.created ? 1 : -1))
  }

  get(id: string): Task | undefined {
    return this.#all.get(id)
  }

  /** How many wait, or run. */
  count(state: 'waiting' | 'running'): number {
    return [...this.#all.values()].filter((task) => task.state === state).length
  }

  /** Where its files lie, as a place. */
  folderOf = ({ id }: Task): string => `${TASKS}/${id}`

  /** What a command has put out: null before it has, where it is no JSON, and where it is too long to be told. */
  async result({ path, isOver }: Task): Promise<unknown> {
    if (!isOver) return null
    try {
      return JSON.parse((await readRegular(join(path, OUT), LONGEST_RESULT)).toString())
    } catch {
      return null
    }
  }

  /** Removes one that has ended, with all that lies in its folder. @throws FilesError FILES_WRITE */
  remove(task: Task): void {
    rmSync(task.path, { recursive: true, force: true })
    this.#all.delete(task.id)
  }

  /** Follows them no longer; they go on. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#looking)
    await this.#opening?.catch(() => {})
    for (const task of this.#all.values()) task.leave()
    this.#lock?.release()
  }

  async #open(): Promise<void> {
    makeFolder(this.#folder, 0o700)
    this.#lock = await Lock.take(join(this.#folder, '.lock'), { what: 'the folder of tasks' })
    for (const id of (await readdir(this.#folder)).sort()) {
      const path = join(this.#folder, id)
      if (!TASK_ID.test(id) || !ownStatOf(path)?.isDirectory()) continue
      const record = await readRecord(path)
      this.#keep(path, record?.id === id ? record : damaged(id))
    }
    this.#looking = setInterval(() => void this.#look(), LOOK_MS).unref()
    await this.#look()
  }

  async #look(): Promise<void> {
    const running = [...this.#all.values()].filter(({ state }) => state === 'running')
    await Promise.all(running.map((task) => task.look()))
    this.#next()
  }

  #keep(path: string, record: TaskRecord): Task {
    const task = new Task(path, record, (err) =>
      this.options.log.error({ err, task: record.id }, 'what became of a task cannot be written'),
    )
    task.on('change', () => {
      if (task.isOver) this.#next()
    })
    this.#all.set(record.id, task)
    return task
  }

  /** Starts those that have waited the longest, as far as there is room. */
  #next(): void {
    const { command, most } = this.options
    if (command === undefined || this.#closed) return
    for (const task of this.list().reverse()) {
      if (this.count('running') >= most) return
      if (task.state === 'waiting') task.start(command, this.workspace.folder)
    }
  }

  #checkRoom(): void {
    if (this.#closed) throw new ServerError('SERVER_STOPPING', 'the server is stopping')
    if (!this.canRun)
      throw new ServerError(
        'SERVER_COMMAND',
        'this server was started without the command arcface',
        {
          hint: 'Start it by `arcface serve`.',
        },
      )
    const waiting = this.count('waiting')
    if (waiting >= MOST_WAITING)
      throw new ServerError('SERVER_BUSY', `${waiting} tasks wait already`, { retryAfter: 60 })
  }
}

/** Whose file says nothing: what else lies there is still to be seen, and to be removed. */
function damaged(id: string): TaskRecord {
  const [date, time] = id.split('-') as [string, string]
  const text = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
  const created = Number.isNaN(Date.parse(text)) ? new Date(0).toISOString() : text
  return {
    ...{ id, kind: 'unknown', parameters: {}, arguments: [], state: 'lost', created },
    ...{ started: null, ended: created, cancelled: false, process: null, progress: null },
    problem: { code: 'SERVER_TASK', message: 'its file task.json is damaged, or missing' },
  }
}
