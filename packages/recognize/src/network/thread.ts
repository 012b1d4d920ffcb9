import { Worker } from 'node:worker_threads'
import './telemetry.js'
import type { ThreadTensors } from '../products/engine.js'
import { missing, threadFile } from './backend.js'
import { Gate } from './gate.js'
import { buffersOf, type Description, type FromWorker, type ToWorker } from './messages.js'

/** Of the threads that live. */
const gates = new Set<Gate>()

/** At the end of the process (of this thread's, where it is not the main one), also by an error that nobody caught. */
function keepOut(): void {
  for (const gate of gates) gate.close()
  for (const gate of gates) gate.wait()
}

/** A thread that runs networks, one request after the other. It keeps no process alive that has nothing to wait for. */
export class Thread {
  /** Networks that it has loaded. */
  readonly loaded = new Set<number>()
  /** Whether it has work: see pool.ts. */
  busy = false
  private readonly worker: Worker
  private readonly waiting: {
    resolve(result: Description | ThreadTensors | undefined): void
    reject(cause: Error): void
  }[] = []
  private dead: Error | undefined
  private ended = false
  /** The last request. */
  private last: Promise<unknown> = Promise.resolve()

  constructor(onDeath: () => void) {
    // Node's own options of the main thread (--input-type, --eval) are not for the worker.
    const gate = new Gate()
    this.worker = new Worker(threadFile(), { execArgv: [], workerData: gate.cells })
    if (gates.size === 0) process.on('exit', keepOut)
    gates.add(gate)
    const die = (cause: Error) => {
      this.dead ??= cause
      gates.delete(gate)
      if (gates.size === 0) process.off('exit', keepOut)
      for (const { reject } of this.waiting.splice(0)) reject(this.dead)
      onDeath()
    }
    this.worker.on('message', (answer: FromWorker) => {
      const { resolve, reject } = this.waiting.shift()!
      if (this.waiting.length === 0 && !this.ended) this.worker.unref()
      if ('done' in answer) resolve(answer.done)
      else if (answer.missing) reject(missing(answer.missing, answer.failed))
      else reject(new Error(answer.failed))
    })
    this.worker.on('error', die)
    this.worker.on('exit', (code) => die(new Error(`its thread ended with code ${code}`)))
    this.worker.unref()
  }

  /** Requests are answered in order. `inputs` of a run are gone afterwards. */
  ask(message: ToWorker & { kind: 'load' }): Promise<Description>
  ask(message: ToWorker & { kind: 'run' }): Promise<ThreadTensors>
  ask(message: ToWorker & { kind: 'release' }): Promise<undefined>
  ask(message: ToWorker): Promise<Description | ThreadTensors | undefined> {
    if (this.dead) return Promise.reject(this.dead)
    const answer = new Promise<Description | ThreadTensors | undefined>((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.worker.ref()
      this.worker.postMessage(message, message.kind === 'run' ? buffersOf(message.inputs) : [])
    })
    this.last = answer.catch(() => {})
    return answer
  }

  /** After what was asked: an answer that comes while the thread is ended would let the process go before it has. */
  async end(): Promise<void> {
    this.ended = true
    await this.last
    await this.worker.terminate()
  }
}
