import type { Galleries } from '@arcface/gallery'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Load, Refusal } from '../work/load.js'

/** Seconds: of a search, of a photograph, of one that has waited. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Galleries that have a line of their own. */
const MOST_GALLERIES = 100

/** Memory, processor, event loop: of the process, whatever number of servers it has. */
let ofProcess: Registry | undefined

/** What a server counts. Labels are few by their nature, and none says who somebody is. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests = this.#counter('arcface_requests_total', 'Answers', [
    'method',
    'route',
    'status',
  ])
  readonly #seconds = new Histogram({
    name: 'arcface_request_seconds',
    help: 'From the headers of a request to the end of its answer',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers: [this.#registry],
  })
  readonly #refused = this.#counter('arcface_refused_total', 'Requests refused or cut for load', [
    'why',
  ])
  readonly #faces = this.#counter('arcface_faces_total', 'Faces found in photographs', [])
  readonly #searches = this.#counter('arcface_searches_total', 'Faces searched in galleries', [])

  constructor(load: Load, galleries: Galleries) {
    const queues = Object.entries(load.queues)
    this.#gauge('arcface_requests', 'Requests that have no answer yet', [], (gauge) =>
      gauge.set(load.requests),
    )
    this.#gauge('arcface_queue_length', 'Of these, by work', ['work'], (gauge) => {
      for (const [work, { length }] of queues) gauge.set({ work }, length)
    })
    this.#gauge('arcface_queue_wait_seconds', 'That one more would wait', ['work'], (gauge) => {
      for (const [work, { wait }] of queues) gauge.set({ work }, wait)
    })
    this.#gauge('arcface_body_bytes', 'Held of requests without an answer', [], (gauge) =>
      gauge.set(load.bodies.bytes),
    )
    const help = `Of open galleries, the first ${MOST_GALLERIES} by name`
    const sizes = ['people', 'faces'] as const
    for (const what of sizes)
      this.#gauge(`arcface_gallery_${what}`, help, ['gallery'], async (gauge) => {
        gauge.reset()
        const opened = [...(await galleries.opened())].sort(([a], [b]) => (a < b ? -1 : 1))
        for (const [gallery, one] of opened.slice(0, MOST_GALLERIES)) {
          // One that is being deleted has no size.
          const size = await one.count().catch(() => undefined)
          if (size) gauge.set({ gallery }, size[what])
        }
      })
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status })
    this.#seconds.observe({ route }, seconds)
  }

  refused(why: Refusal): void {
    this.#refused.inc({ why })
  }

  found(faces: number): void {
    this.#faces.inc(faces)
  }

  searched(faces: number): void {
    this.#searches.inc(faces)
  }

  /** All of it, in the format of Prometheus. */
  async text(): Promise<string> {
    if (ofProcess === undefined) {
      ofProcess = new Registry()
      collectDefaultMetrics({ register: ofProcess })
    }
    return `${await this.#registry.metrics()}\n${await ofProcess.metrics()}`
  }

  get type(): string {
    return this.#registry.contentType
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }

  #gauge(
    name: string,
    help: string,
    labelNames: string[],
    read: (gauge: Gauge) => void | Promise<void>,
  ): void {
    new Gauge({
      ...{ name, help, labelNames, registers: [this.#registry] },
      collect() {
        return read(this)
      },
    })
  }
}
