import { Worker } from 'node:worker_threads'
import './telemetry.js'
import { workerFile } from './file.js'
import type { Description, FromWorker, Outputs, ToWorker } from './messages.js'

/** A thread that runs networks, one request after the other. It keeps no process alive that has nothing to wait for. */
export class Thread {
  /** Networks that it has loaded. */
  readonly loaded = new Set<number>()
  /** Whether it has work: see pool.ts. */
  busy = false
  private readonly worker: Worker
  private readonly waiting: {
    resolve(result: Description | Outputs | undefined): void
    reject(cause: Error): void
  }[] = []
  private dead: Error | undefined

  constructor(onDeath: () => void) {
    // Node's own options of the main thread (--input-type, --eval) are not for the worker.
    this.worker = new Worker(workerFile(), { execArgv: [] })
    const die = (cause: Error) => {
      this.dead ??= cause
      for (const { reject } of this.waiting.splice(0)) reject(this.dead)
      onDeath()
    }
    this.worker.on('message', (answer: FromWorker) => {
      const { resolve, reject } = this.waiting.shift()!
      if (this.waiting.length === 0) this.worker.unref()
      if ('failed' in answer) reject(new Error(answer.failed))
      else resolve(answer.done)
    })
    this.worker.on('error', die)
    this.worker.on('exit', (code) => die(new Error(`its thread ended with code ${code}`)))
    this.worker.unref()
  }

  /** Requests are answered in order. `values` of a run are gone afterwards. */
  ask(message: ToWorker & { kind: 'load' }): Promise<Description>
  ask(message: ToWorker & { kind: 'run' }): Promise<Outputs>
  ask(message: ToWorker & { kind: 'release' }): Promise<undefined>
  ask(message: ToWorker): Promise<Description | Outputs | undefined> {
    if (this.dead) return Promise.reject(this.dead)
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.worker.ref()
      this.worker.postMessage(message, message.kind === 'run' ? [message.values.buffer] : [])
    })
  }

  async end(): Promise<void> {
    await this.worker.terminate()
  }
}
