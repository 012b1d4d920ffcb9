import { availableParallelism } from 'node:os'
import { GROUP, type MatMul, type Product, type Selection } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { ThreadNetwork, threadsOf } from '../network/network.js'
import type { ThreadTensor } from '../products/engine.js'
import { hasExactInt8 } from './int8.js'

/**
 * Products on ONNX Runtime (CPU) for the protocols of @arcface/evaluate: pass it as their `matmul`. They are computed in
 * a thread of the networks. Results into shared memory (`sharedFloats`) are written by that thread, others copied here.
 *
 * @param threads of ONNX Runtime. Default: all cores
 * @throws RecognizeError RECOGNIZE_USE (threads; later, arrays that do not fit); later
 *   RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_RUN
 */
export function onnxMatMul(options: { readonly threads?: number } = {}): MatMul {
  const threads = threadsOf({ threads: options.threads ?? availableParallelism() })
  return {
    product: (panels, dim) => product(panels, dim, threads),
    selection: async (panels, dim) => selection(panels, dim, threads, await hasExactInt8()),
  }
}

async function product(
  panels: readonly Float32Array[],
  dim: number,
  threads: number,
): Promise<Product> {
  const sizes = sizesOf(panels, dim)
  const network = await ThreadNetwork.open(
    'a product',
    { threads },
    { work: 'product', panels, dim },
  )
  return {
    async times(block, m, out) {
      const rows = moved(block, checkRows(m, 1), dim)
      const results = sizes.map((n, p): [string, ThreadTensor] => [
        `scores_${p}`,
        { dims: [m, n], data: checkLength(out[p], m * n) },
      ])
      const shared = results.filter(([, { data }]) => data.buffer instanceof SharedArrayBuffer)
      const answer = await network.run({ block: rows }, Object.fromEntries(shared))
      for (const [name, { data }] of results) {
        const scores = answer[name]?.data
        if (scores) data.set(scores)
      }
    },
    release: () => network.close(),
  }
}

/** As `MatMul.selection`, with bounds in int8 or without. */
export async function selection(
  panels: readonly Float32Array[],
  dim: number,
  threads: number,
  int8: boolean,
): Promise<Selection> {
  const sizes = sizesOf(panels, dim)
  const work = { work: 'selection', panels, dim, int8 } as const
  const network = await ThreadNetwork.open('a selection of products', { threads }, work)
  return {
    async above(block, m, thresholds) {
      const limits = sizes.map((n, p): [string, ThreadTensor] => [
        `thresholds_${p}`,
        { dims: [n], data: checkLength(thresholds[p], n).slice() },
      ])
      const rows = moved(block, checkRows(m, GROUP), dim)
      const results = await network.run({ ...Object.fromEntries(limits), block: rows })
      const data = (name: string) => results[name]!.data
      return sizes.map((_, p) => ({
        columns: data(`columns_${p}`) as Int32Array,
        scores: data(`scores_${p}`) as Float32Array,
        best: data(`best_${p}`) as Float32Array,
      }))
    },
    release: () => network.close(),
  }
}

function sizesOf(panels: readonly Float32Array[], dim: number): number[] {
  const whole = panels.every(({ length }) => length > 0 && length % dim === 0)
  if (!(Number.isInteger(dim) && dim > 0 && whole && panels.length > 0)) {
    const lengths = panels.map(({ length }) => length).join(', ')
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `a product takes panels of whole rows of length ${dim}, not ${lengths || 'none'} numbers`,
    )
  }
  return panels.map(({ length }) => length / dim)
}

function checkRows(m: number, unit: number): number {
  if (Number.isInteger(m) && m > 0 && m % unit === 0) return m
  const message = `a block has ${unit} rows or a multiple of that, not ${m}; fill it up`
  throw new RecognizeError('RECOGNIZE_USE', message)
}

/** A copy, which another thread may have. */
const moved = (data: Float32Array, rows: number, columns: number): ThreadTensor => ({
  dims: [rows, columns],
  data: checkLength(data, rows * columns).slice(),
})

function checkLength(data: Float32Array | undefined, length: number): Float32Array {
  if (data !== undefined && data.length >= length) return data.subarray(0, length)
  const message = `a product needs an array of ${length} numbers, but it has ${data?.length ?? 0}`
  throw new RecognizeError('RECOGNIZE_USE', message)
}
