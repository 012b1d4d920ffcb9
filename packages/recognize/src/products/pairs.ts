import { BLOCK, GROUP, PANEL } from '@arcface/vision'
import type { Engine, Runnable, ThreadTensors } from './engine.js'
import { int8Model, multipliesExactly } from './int8.js'
import { openSelection } from './selection.js'

/** Rows made ready at a time. */
const PART = 16 * PANEL
/** A run ends with the block that brings so many pairs, or so much time (ms): what waits for its turn shall have it. */
const ENOUGH = 2 ** 16
const TURN = 100

export interface PairsWork {
  /** n x dim, of length 1 or 0. */
  readonly rows: Float32Array
  readonly dim: number
  readonly threshold: number
}

/** Pairs i < j of rows. */
class Pairs {
  length = 0
  private readonly i: Int32Array
  private readonly j: Int32Array
  private readonly similarity: Float32Array

  /** @param most pairs that there may be */
  constructor(most: number) {
    this.i = new Int32Array(most)
    this.j = new Int32Array(most)
    this.similarity = new Float32Array(most)
  }

  add(i: number, j: number, similarity: number): void {
    const at = this.length++
    this.i[at] = i
    this.j[at] = j
    this.similarity[at] = similarity
  }

  static joined(parts: readonly Pairs[]): ThreadTensors {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const all = {
      i: new Int32Array(length),
      j: new Int32Array(length),
      similarity: new Float32Array(length),
    }
    let at = 0
    for (const part of parts) {
      for (const key of ['i', 'j', 'similarity'] as const)
        all[key].set(part[key].subarray(0, part.length), at)
      at += part.length
    }
    const dims = [length]
    return {
      i: { dims, data: all.i },
      j: { dims, data: all.j },
      similarity: { dims, data: all.similarity },
    }
  }
}

/** Rows first .. end - 1, made ready to be multiplied with blocks of all before them and of their own. */
interface Part {
  readonly first: number
  readonly end: number
  readonly sizes: readonly number[]
  readonly selection: Runnable
}

/**
 * Finds pairs of rows whose product is above the threshold. A run goes on `at` some part and block and says where the
 * `next` has to, which is nowhere when all pairs are found.
 */
export async function openPairs(engine: Engine, work: PairsWork): Promise<Runnable> {
  const { rows, dim, threshold } = work
  const bytes = await engine.open(int8Model())
  const int8 = await multipliesExactly(bytes)
  await bytes.release()
  const n = rows.length / dim
  const block = new Float32Array(BLOCK * dim)
  let part: Part | undefined

  async function partAt(first: number): Promise<Part> {
    if (part?.first === first) return part
    await part?.selection.release()
    part = undefined
    const end = Math.min(n, first + PART)
    const panels: Float32Array[] = []
    for (let at = first; at < end; at += PANEL)
      panels.push(rows.slice(at * dim, Math.min(end, at + PANEL) * dim))
    const sizes = panels.map(({ length }) => length / dim)
    part = { first, end, sizes, selection: await openSelection(engine, panels, dim, int8) }
    return part
  }

  async function pairsOf({ first, sizes, selection }: Part, i: number, m: number): Promise<Pairs> {
    block.set(rows.subarray(i * dim, (i + m) * dim))
    const thresholds = sizes.map((size, p) => [
      `thresholds_${p}`,
      { dims: [size], data: new Float32Array(size).fill(threshold) },
    ])
    const filled = Math.ceil(m / GROUP) * GROUP
    const selected = await selection.run({
      ...Object.fromEntries(thresholds),
      block: { dims: [filled, dim], data: block.subarray(0, filled * dim) },
    })
    const columns = sizes.map((_, p) => selected[`columns_${p}`]!.data)
    const pairs = new Pairs(columns.reduce((sum, { length }) => sum + m * length, 0))
    for (const [p, some] of columns.entries()) {
      const scores = selected[`scores_${p}`]!.data
      for (let a = 0, at = 0; a < m; a++)
        for (const column of some) {
          const [similarity, j] = [scores[at++]!, first + p * PANEL + column]
          if (similarity > threshold && j > i + a) pairs.add(i + a, j, similarity)
        }
    }
    return pairs
  }

  return {
    async run({ at }) {
      let [first, i] = at!.data as Int32Array as unknown as [number, number]
      const started = performance.now()
      const found: Pairs[] = []
      for (let count = 0; first < n && count < ENOUGH && performance.now() - started < TURN; ) {
        const part = await partAt(first)
        const pairs = await pairsOf(part, i, Math.min(BLOCK, part.end - i))
        found.push(pairs)
        count += pairs.length
        i += BLOCK
        if (i >= part.end) [first, i] = [first + PART, 0]
      }
      const next = first < n ? Int32Array.of(first, i) : new Int32Array(0)
      return { ...Pairs.joined(found), next: { dims: [next.length], data: next } }
    },
    release: async () => part?.selection.release(),
  }
}
