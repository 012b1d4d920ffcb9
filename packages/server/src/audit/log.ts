import { isDiskFull } from '@arcface/files'
import type { FastifyBaseLogger } from 'fastify'
import { ServerError } from '../errors.js'
import { Chain, type ChainOptions, type NewLine } from './chain.js'

/** How often it is looked for what is too old, also where nobody asks. */
const TIDY_MS = 3_600_000

interface Waiting extends NewLine {
  readonly resolve: () => void
  readonly reject: (error: ServerError) => void
}

/**
 * An append-only, hash-chained log. Lines that come while others are on their way to the disk go there together, with one
 * flush for all. Of several processes over one folder each has a chain of its own.
 */
export class AuditLog {
  readonly #chain: Chain
  readonly #log: Pick<FastifyBaseLogger, 'error'>
  readonly #tidying: NodeJS.Timeout
  #waiting: Waiting[] = []
  #work: Promise<void> = Promise.resolve()
  #isAtWork = false
  #isTidy = true
  /** Lines that could not be written since the last that was. */
  #lost = 0
  #failure: ServerError | undefined
  #isClosed = false

  private constructor(chain: Chain, log: Pick<FastifyBaseLogger, 'error'>) {
    this.#chain = chain
    this.#log = log
    this.#tidying = setInterval(() => {
      this.#isTidy = false
      this.#begin()
    }, TIDY_MS).unref()
  }

  /** @param folder made where it is not there, for its owner alone @throws FilesError */
  static async open(
    folder: string,
    options: ChainOptions & { readonly log: Pick<FastifyBaseLogger, 'error'> },
  ): Promise<AuditLog> {
    return new AuditLog(await Chain.open(folder, options), options.log)
  }

  /** Hash of the last line that is on the disk. */
  get head(): string {
    return this.#chain.head
  }

  /** Fulfilled when the line is on the disk. @throws ServerError SERVER_DISK_FULL, SERVER_AUDIT: it is not there */
  async record(kind: string, fields: object): Promise<void> {
    // Behind its end another process may go on with the chain.
    if (this.#isClosed) throw new ServerError('SERVER_AUDIT', 'the audit log is closed')
    await this.#put(kind, fields)
  }

  #put(kind: string, fields: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, fields, resolve, reject })
      this.#begin()
    })
  }

  /** Whether lines can be written, as far as the last one told; if not, tries. Errors as `record`. */
  async check(): Promise<void> {
    if (this.#failure === undefined) return
    this.#begin()
    await this.#work
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Waits for all lines, and writes a last one. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#tidying)
    await this.#put('closed', {}).catch(() => {})
    await this.#work
    await this.#chain.close()
  }

  #begin(): void {
    if (this.#isAtWork) return
    this.#isAtWork = true
    this.#work = this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    do {
      // What else comes in this turn of the event loop goes along.
      await new Promise(setImmediate)
      const lines = this.#waiting
      this.#waiting = []
      await this.#write(lines)
      if (!this.#isTidy) {
        this.#isTidy = true
        await this.#chain.tidy().catch((error) => this.#failed(error))
      }
    } while (this.#waiting.length > 0)
    this.#isAtWork = false
  }

  async #write(lines: readonly Waiting[]): Promise<void> {
    const gap = this.#lost > 0 ? [{ kind: 'gap', fields: { lines: this.#lost } }] : []
    try {
      await this.#chain.append([...gap, ...lines])
      this.#lost = 0
      this.#failure = undefined
      for (const { resolve } of lines) resolve()
    } catch (error) {
      this.#lost += lines.length
      const failure = this.#failed(error)
      for (const { reject } of lines) reject(failure)
    }
  }

  #failed(cause: unknown): ServerError {
    if (this.#failure === undefined)
      this.#log.error({ err: cause }, 'the audit log cannot be written')
    this.#failure = isDiskFull(cause)
      ? new ServerError('SERVER_DISK_FULL', 'the disk is full: the audit log cannot be written', {
          cause,
        })
      : new ServerError('SERVER_AUDIT', 'the audit log cannot be written', { cause })
    return this.#failure
  }
}
