import { availableParallelism } from 'node:os'
import { sharedFloats } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { ThreadNetwork } from '../network/network.js'
import { Turns } from '../turns.js'

/** Numbers that are copied, and pairs that are told of, before the clock is looked at. */
const COPIED = 2 ** 20
const TOLD = 256

/**
 * Calls `found(i, j, similarity)`, i < j, for every pair of rows whose product is above `threshold`. The products are
 * another thread's. Memory: the rows, once more where they do not lie in shared memory (`sharedFloats`), and some 150 MB;
 * time grows with the square of n.
 * @param rows n x dim, of length 1 or 0
 * @throws RecognizeError RECOGNIZE_USE, RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_RUN
 */
export async function pairsAbove(
  rows: Float32Array,
  dim: number,
  threshold: number,
  found: (i: number, j: number, similarity: number) => void,
): Promise<void> {
  checkRows(rows, dim, threshold)
  if (rows.length === 0) return
  const turns = new Turns()
  const work = { work: 'pairs', rows: await shared(rows, turns), dim, threshold } as const
  const options = { threads: availableParallelism() }
  const network = await ThreadNetwork.open('a search for pairs', options, work)
  try {
    for (let at = Int32Array.of(0, 0); at.length > 0; ) {
      const pairs = await network.run({ at: { dims: [at.length], data: at } })
      const [i, j, similarity] = [pairs.i!.data, pairs.j!.data, pairs.similarity!.data]
      for (let k = 0; k < i.length; k++) {
        if (k % TOLD === 0 && turns.over) await turns.next()
        found(i[k]!, j[k]!, similarity[k]!)
      }
      at = pairs.next!.data as Int32Array<ArrayBuffer>
    }
  } finally {
    await network.close()
  }
}

async function shared(rows: Float32Array, turns: Turns): Promise<Float32Array> {
  if (rows.buffer instanceof SharedArrayBuffer) return rows
  const copy = sharedFloats(rows.length)
  for (let at = 0; at < rows.length; at += COPIED) {
    copy.set(rows.subarray(at, at + COPIED), at)
    if (turns.over) await turns.next()
  }
  return copy
}

/** A threshold that is none would have no pair, or all. @throws RecognizeError RECOGNIZE_USE */
export function checkRows(rows: Float32Array, dim: number, threshold: number): void {
  const refuse = (why: string) => new RecognizeError('RECOGNIZE_USE', why)
  if (!(rows instanceof Float32Array)) throw refuse('rows of embeddings are a Float32Array')
  if (!(Number.isInteger(dim) && dim > 0 && rows.length % dim === 0))
    throw refuse(`${rows.length} numbers are no rows of length ${String(dim)}`)
  if (typeof threshold !== 'number' || Number.isNaN(threshold))
    throw refuse(`threshold: a cosine from -1 to 1, not ${String(threshold)}`)
}
