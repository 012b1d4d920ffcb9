import { Buckets, type Told } from './buckets.js'
import { GrowingLines } from './growing.js'
import { metricsLine } from './line.js'

/** Buckets that are kept of a file, 5 MB with twenty series; what is asked finer is read again. */
const KEPT = 8192
/** Of those a part that is looked at more closely is made of. */
const KEPT_CLOSELY = 16_384
/** Bytes that are read again for that. */
const MOST_AGAIN = 64 << 20
/** Verifications and failures that are kept, the latest. */
const MOST_VERIFIED = 2000

export interface MetricsPart extends Told {
  /** Of what is told; null where there is none. */
  readonly from: number | null
  readonly to: number | null
  /** Lines of steps in the whole file. */
  readonly total: number
  readonly verification: readonly object[]
  readonly failures: readonly object[]
  /** Behind the last whole line that was read; less than `bytes` while a large file is being read. */
  readonly offset: number
  readonly bytes: number
  /** Which file it is: another one has other offsets. */
  readonly file: string
  /** Lines that are damaged. */
  readonly torn: number
}

export interface Wanted {
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** At most so many. */
  readonly points: number
  readonly series?: readonly string[] | undefined
}

/** What a run has measured: its `metrics.jsonl`, read once as it grows, in bounded memory. */
export class RunMetrics {
  readonly #lines: GrowingLines
  #buckets = new Buckets(KEPT)
  #verified: { readonly step: number; readonly line: object }[] = []
  #failures: { readonly step: number; readonly line: object }[] = []
  #torn = 0
  #reading: Promise<void> | undefined

  constructor(readonly path: string) {
    this.#lines = new GrowingLines(path)
  }

  /** Reads what is new. Requests that come meanwhile wait for the same. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** What was read, in the steps that are asked for. */
  async part({
    from = 0,
    to = Number.POSITIVE_INFINITY,
    points,
    series,
  }: Wanted): Promise<MetricsPart> {
    const { offset, bytes, file } = this.#lines
    const isWithin = ({ step }: { step: number }) => step >= from && step <= to
    const told = {
      total: this.#buckets.lines,
      verification: this.#verified.filter(isWithin).map(({ line }) => line),
      failures: this.#failures.filter(isWithin).map(({ line }) => line),
      ...{ offset, bytes, file, torn: this.#torn },
    }
    const { buckets, range } = await this.#closer(from, to, points)
    const { step, series: values } = buckets.tell(range, points, series)
    return { from: step[0] ?? null, to: step.at(-1) ?? null, step, series: values, ...told }
  }

  async #read(): Promise<void> {
    const change = await this.#lines.read((text, start) => this.#take(text, start))
    if (change === 'gone') this.#clear()
    if (change !== 'reset') return
    this.#clear()
    await this.#lines.read((text, start) => this.#take(text, start))
  }

  #clear(): void {
    this.#buckets = new Buckets(KEPT)
    this.#verified = []
    this.#failures = []
    this.#torn = 0
  }

  #take(text: string | undefined, start: number): void {
    const line = text === undefined ? undefined : metricsLine(text)
    if (line === undefined) this.#torn++
    else if (line.kind === 'step') this.#buckets.add(line.step, line.values, start)
    else if (line.kind === 'verification') keep(this.#verified, line)
    else if (line.kind === 'failure') keep(this.#failures, line)
  }

  /** The buckets of some steps; of a small part of a large file finer ones, which are read again. */
  async #closer(from: number, to: number, points: number) {
    const buckets = this.#buckets
    const range = buckets.range(from, to)
    const [begin, end] = buckets.bytes(range, this.#lines.offset)
    const isFine = buckets.width === 1 || range[1] - range[0] >= points
    if (isFine || end - begin > MOST_AGAIN) return { buckets, range }
    const again = new GrowingLines(this.path)
    const own = new Buckets(KEPT_CLOSELY)
    if (!(await again.skipTo(begin, this.#lines.file))) return { buckets, range }
    await again.read((text, start) => {
      const line = text === undefined || start >= end ? undefined : metricsLine(text)
      if (line?.kind === 'step' && line.step >= from && line.step <= to)
        own.add(line.step, line.values, start)
    }, end - begin)
    return { buckets: own, range: own.range(from, to) }
  }
}

function keep<T>(list: T[], one: T): void {
  list.push(one)
  if (list.length > 2 * MOST_VERIFIED) list.splice(0, list.length - MOST_VERIFIED)
}
