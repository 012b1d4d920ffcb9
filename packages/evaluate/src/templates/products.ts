import { BLOCK, type MatMul, PANEL, sharedFloats } from '@arcface/vision'
import { countRows, gatherRows, type Rows } from '../embeddings/rows.js'

/** A score of a product takes about so much less time than one pair by itself (dim 512). */
const CHEAPER = 40
/** Of the second rows; bounds the scores of a block to 64 MiB. */
const MOST_ROWS = 1 << 16

/** Distinct rows that a list of pairs names, ascending, and the place of each among them. */
interface Named {
  readonly rows: Int32Array
  readonly place: Int32Array
}

/** What a product takes: which rows stand on its two sides. */
export interface ProductPlan {
  readonly first: Named
  readonly second: Named
}

/** The product that scores pairs in less time than they take one by one; IJB's lists have one. */
export function planProduct(rows: Rows, a: Int32Array, b: Int32Array): ProductPlan | undefined {
  const count = countRows(rows)
  const [first, second] = [named(a, count), named(b, count)]
  const scores = first.rows.length * second.rows.length
  if (second.rows.length > MOST_ROWS || scores > CHEAPER * a.length) return undefined
  return { first, second }
}

/**
 * Cosine of each pair of rows in float32, picked out of products of 256 first rows with all second ones. Memory: the
 * second rows twice, the scores of 256 rows, and 4 bytes a pair beside the result.
 */
export async function productScores(
  rows: Rows,
  a: Int32Array,
  b: Int32Array,
  { first, second }: ProductPlan,
  matmul: MatMul,
  onProgress?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { dim } = rows
  const scores = new Float32Array(a.length)
  const panels = Array.from({ length: Math.ceil(second.rows.length / PANEL) }, (_, p) =>
    gatherRows(rows, second.rows.subarray(p * PANEL, (p + 1) * PANEL)),
  )
  const sizes = panels.map(({ length }) => length / dim)
  const product = await matmul.product(panels, dim)
  try {
    const out = sizes.map((n) => sharedFloats(BLOCK * n))
    const block = new Float32Array(BLOCK * dim)
    const { order, ends } = byBlock(a, first)
    for (const [k, end] of ends.entries()) {
      const start = k * BLOCK
      const taken = first.rows.subarray(start, start + BLOCK)
      gatherRows(rows, taken, block)
      await product.times(block, taken.length, out)
      for (let i = ends[k - 1] ?? 0; i < end; i++) {
        const pair = order[i]!
        const place = second.place[b[pair]!]!
        const panel = Math.floor(place / PANEL)
        const row = first.place[a[pair]!]! - start
        scores[pair] = out[panel]![row * sizes[panel]! + (place % PANEL)]!
      }
      onProgress?.(end, a.length)
    }
  } finally {
    await product.release()
  }
  return scores
}

function named(list: Int32Array, count: number): Named {
  const place = new Int32Array(count).fill(-1)
  for (const row of list) place[row] = 0
  let found = 0
  for (let row = 0; row < count; row++) if (place[row] === 0) place[row] = found++
  const rows = new Int32Array(found)
  place.forEach((at, row) => {
    if (at >= 0) rows[at] = row
  })
  return { rows, place }
}

/** Pairs by the block of their first row: `order` up to `ends[0]` are of the first block, and so on. */
function byBlock(a: Int32Array, { rows, place }: Named): { order: Uint32Array; ends: Uint32Array } {
  const next = new Uint32Array(Math.ceil(rows.length / BLOCK))
  const blockOf = (row: number) => Math.floor(place[row]! / BLOCK)
  for (const row of a) next[blockOf(row)]!++
  let sum = 0
  next.forEach((length, k) => {
    next[k] = sum
    sum += length
  })
  const order = new Uint32Array(a.length)
  for (let pair = 0; pair < a.length; pair++) order[next[blockOf(a[pair]!)]!++] = pair
  return { order, ends: next }
}
