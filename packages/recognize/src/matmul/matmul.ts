import { GROUP, type MatMul, type Product, type Selection } from '@arcface/vision'
import { Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import { hasExactInt8 } from './int8.js'
import { productModel } from './product.js'
import { selectionModel } from './selection.js'
import { openProduct, runProduct } from './session.js'

/**
 * Products on ONNX Runtime (CPU) for the protocols of @arcface/evaluate: pass it as their `matmul`.
 *
 * @param threads of ONNX Runtime. Default: its own choice, all cores
 * @throws RecognizeError RECOGNIZE_USE (threads; later, arrays that do not fit); later
 *   RECOGNIZE_LOAD, RECOGNIZE_RUN
 */
export function onnxMatMul({ threads }: { readonly threads?: number } = {}): MatMul {
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
  }
  return {
    product: (panels, dim) => product(panels, dim, threads),
    selection: async (panels, dim) => selection(panels, dim, threads, await hasExactInt8()),
  }
}

async function product(
  panels: readonly Float32Array[],
  dim: number,
  threads: number | undefined,
): Promise<Product> {
  const sizes = sizesOf(panels, dim)
  const session = await openProduct(productModel(panels, dim), 'a product', threads)
  return {
    async times(block, m, out) {
      const feeds = { block: tensor(block, checkRows(m, 1), dim) }
      const results = sizes.map((n, p) => [`scores_${p}`, tensor(out[p], m, n)])
      await runProduct(session, feeds, Object.fromEntries(results))
    },
    release: () => session.release(),
  }
}

/** As `MatMul.selection`, with bounds in int8 or without. */
export async function selection(
  panels: readonly Float32Array[],
  dim: number,
  threads: number | undefined,
  int8: boolean,
): Promise<Selection> {
  const sizes = sizesOf(panels, dim)
  const model = selectionModel(panels, dim, GROUP, int8)
  const session = await openProduct(model, 'a selection of products', threads)
  const sides = int8 ? panels.map((rows, p) => [`panel_${p}`, tensor(rows, sizes[p]!, dim)]) : []
  return {
    async above(block, m, thresholds) {
      const feeds = {
        ...Object.fromEntries(sides),
        block: tensor(block, checkRows(m, GROUP), dim),
      }
      for (const [p, n] of sizes.entries())
        Object.assign(feeds, { [`thresholds_${p}`]: new Tensor(checkLength(thresholds[p], n)) })
      const results = await runProduct(session, feeds)
      const data = (name: string) => results[name]!.data
      return sizes.map((_, p) => ({
        columns: data(`columns_${p}`) as Int32Array,
        scores: data(`scores_${p}`) as Float32Array,
        best: data(`best_${p}`) as Float32Array,
      }))
    },
    release: () => session.release(),
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

function tensor(data: Float32Array | undefined, rows: number, columns: number): Tensor {
  return new Tensor('float32', checkLength(data, rows * columns), [rows, columns])
}

function checkLength(data: Float32Array | undefined, length: number): Float32Array {
  if (data !== undefined && data.length >= length) return data.subarray(0, length)
  const message = `a product needs an array of ${length} numbers, but it has ${data?.length ?? 0}`
  throw new RecognizeError('RECOGNIZE_USE', message)
}
