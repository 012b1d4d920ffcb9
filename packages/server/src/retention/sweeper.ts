import { type Galleries, receiptOf } from '@arcface/gallery'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditLog } from '../audit/log.js'
import type { Receipts } from './receipts.js'

const HOUR_MS = 3_600_000

export interface Sweeping {
  readonly galleries: Galleries
  readonly receipts: Receipts
  readonly audit: AuditLog | null
  readonly log: FastifyBaseLogger
}

/** Erases by itself, every so many hours, who is due in any gallery. */
export class Sweeper {
  readonly #timer: NodeJS.Timeout
  #work: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(
    private readonly own: Sweeping,
    hours: number,
  ) {
    this.#timer = setInterval(() => this.#begin(), hours * HOUR_MS).unref()
    this.#begin()
  }

  /** Waits for the gallery that is in work. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#work
  }

  #begin(): void {
    this.#work = this.#work.then(async () => {
      const { galleries, log } = this.own
      const names = await galleries.list().catch((err) => {
        log.error({ err }, 'galleries are not swept')
        return []
      })
      for (const name of names) {
        if (this.#isClosed) return
        await this.#sweep(name).catch((err) => log.error({ err, gallery: name }, 'not swept'))
      }
    })
  }

  async #sweep(name: string): Promise<void> {
    const { galleries, receipts, audit, log } = this.own
    const key = await receipts.key()
    const { due, erasure } = await (await galleries.get(name)).sweep()
    if (erasure === null) return
    const receipt = receiptOf(erasure, key, { gallery: name, why: 'swept' })
    receipts.keep(receipt)
    const people = due.map((one) => one.name)
    log.info({ gallery: name, people: people.length, receipt: receipt.id }, 'swept')
    await audit?.record('sweep', { gallery: name, people, receipt: receipt.id })
  }
}
