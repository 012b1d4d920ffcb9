/** Series that are kept of a run. */
const MOST_SERIES = 64

/** A column of buckets: what a value was in each. */
class Column {
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  count: Uint32Array

  constructor(room: number) {
    this.sum = new Float64Array(room)
    this.min = new Float64Array(room).fill(Number.POSITIVE_INFINITY)
    this.max = new Float64Array(room).fill(Number.NEGATIVE_INFINITY)
    this.count = new Uint32Array(room)
  }

  add(bucket: number, value: number): void {
    this.sum[bucket]! += value
    this.count[bucket]! += 1
    if (value < this.min[bucket]!) this.min[bucket] = value
    if (value > this.max[bucket]!) this.max[bucket] = value
  }

  /** Takes what another has in a bucket. */
  take(bucket: number, from: Column, at: number): void {
    this.sum[bucket]! += from.sum[at]!
    this.count[bucket]! += from.count[at]!
    this.min[bucket] = Math.min(this.min[bucket]!, from.min[at]!)
    this.max[bucket] = Math.max(this.max[bucket]!, from.max[at]!)
  }
}

/** A series as it is told: the values themselves, or of each bucket mean, least and greatest; null where there is none. */
export type ToldSeries =
  | (number | null)[]
  | {
      readonly mean: (number | null)[]
      readonly min: (number | null)[]
      readonly max: (number | null)[]
    }

export interface Told {
  /** The last of each bucket. */
  readonly step: number[]
  readonly series: Record<string, ToldSeries>
}

/**
 * Lines with numbers, as many as there are, in a bounded number of buckets of equally many lines: when all are full, two
 * become one. Lines come in order of their steps.
 */
export class Buckets {
  /** Lines of a bucket. */
  width = 1
  lines = 0
  #length = 0
  #room = 256
  #first = new Float64Array(this.#room)
  #last = new Float64Array(this.#room)
  /** Byte at which its first line begins. */
  #start = new Float64Array(this.#room)
  #filled = 0
  readonly #columns = new Map<string, Column>()

  /** @param most buckets, an even number */
  constructor(private readonly most: number) {}

  get from(): number | null {
    return this.#length > 0 ? this.#first[0]! : null
  }

  get to(): number | null {
    return this.#length > 0 ? this.#last[this.#length - 1]! : null
  }

  get names(): string[] {
    return [...this.#columns.keys()]
  }

  /** @param start the byte at which the line begins */
  add(step: number, values: ReadonlyMap<string, number>, start: number): void {
    if (this.#length === 0 || this.#filled === this.width) this.#begin(step, start)
    const bucket = this.#length - 1
    this.#last[bucket] = step
    this.#filled++
    this.lines++
    for (const [name, value] of values) this.#column(name)?.add(bucket, value)
  }

  /** Buckets with steps from and to, both included: [begin, end). */
  range(from: number, to: number): [begin: number, end: number] {
    let begin = 0
    while (begin < this.#length && this.#last[begin]! < from) begin++
    let end = this.#length
    while (end > begin && this.#first[end - 1]! > to) end--
    return [begin, end]
  }

  /** Bytes in which the lines of these buckets lie. @param all behind the last line */
  bytes([begin, end]: readonly [number, number], all: number): [from: number, to: number] {
    const at = (bucket: number) => (bucket < this.#length ? this.#start[bucket]! : all)
    return [at(begin), at(end)]
  }

  /** @param points buckets that are told at most @param wanted names; by default all */
  tell([begin, end]: readonly [number, number], points: number, wanted?: readonly string[]): Told {
    const group = Math.max(1, Math.ceil((end - begin) / points))
    const isExact = group === 1 && this.width === 1
    const step: number[] = []
    for (let at = begin; at < end; at += group)
      step.push(this.#last[Math.min(at + group, end) - 1]!)
    const series: Record<string, ToldSeries> = {}
    for (const name of wanted ?? this.names) {
      const column = this.#columns.get(name)
      if (column) series[name] = told(column, begin, end, group, isExact)
    }
    return { step, series }
  }

  #begin(step: number, start: number): void {
    if (this.#length === this.most) this.#halve()
    if (this.#length === this.#room) this.#grow()
    this.#first[this.#length] = step
    this.#start[this.#length] = start
    this.#filled = 0
    this.#length++
  }

  #column(name: string): Column | undefined {
    const found = this.#columns.get(name)
    if (found || this.#columns.size >= MOST_SERIES) return found
    const column = new Column(this.#room)
    this.#columns.set(name, column)
    return column
  }

  #grow(): void {
    this.#room = Math.min(2 * this.#room, this.most)
    this.#remake((bucket) => bucket)
  }

  #halve(): void {
    this.#remake((bucket) => bucket >> 1)
    this.#length = Math.ceil(this.#length / 2)
    this.width *= 2
  }

  /** Puts every bucket into another, or the same. */
  #remake(placeOf: (bucket: number) => number): void {
    const [first, last, start] = [this.#first, this.#last, this.#start]
    this.#first = new Float64Array(this.#room)
    this.#last = new Float64Array(this.#room)
    this.#start = new Float64Array(this.#room)
    for (let bucket = this.#length - 1; bucket >= 0; bucket--) {
      const place = placeOf(bucket)
      this.#first[place] = first[bucket]!
      this.#start[place] = start[bucket]!
      this.#last[place] = Math.max(this.#last[place]!, last[bucket]!)
    }
    for (const [name, column] of this.#columns) {
      const other = new Column(this.#room)
      for (let bucket = 0; bucket < this.#length; bucket++)
        other.take(placeOf(bucket), column, bucket)
      this.#columns.set(name, other)
    }
  }
}

function told(
  column: Column,
  begin: number,
  end: number,
  group: number,
  isExact: boolean,
): ToldSeries {
  const mean: (number | null)[] = []
  const min: (number | null)[] = []
  const max: (number | null)[] = []
  for (let at = begin; at < end; at += group) {
    let [sum, count] = [0, 0]
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let one = at; one < Math.min(at + group, end); one++) {
      sum += column.sum[one]!
      count += column.count[one]!
      least = Math.min(least, column.min[one]!)
      greatest = Math.max(greatest, column.max[one]!)
    }
    mean.push(count > 0 ? rounded(sum / count) : null)
    if (isExact) continue
    min.push(count > 0 ? rounded(least) : null)
    max.push(count > 0 ? rounded(greatest) : null)
  }
  return isExact ? mean : { mean, min, max }
}

/** To what a screen shows: a third of the bytes. */
const rounded = (value: number): number => Number(value.toPrecision(7))
