import type { MatMul, Product } from '@arcface/evaluate'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import { productModel } from './model.js'

/**
 * Products on ONNX Runtime (CPU) for the protocols of @arcface/evaluate: pass it as their `matmul`.
 *
 * @param threads of ONNX Runtime. Default: its own choice, all cores
 * @throws RecognizeError RECOGNIZE_USE (threads; later, arrays too short or sizes below 1);
 *   later RECOGNIZE_LOAD, RECOGNIZE_RUN
 */
export function onnxMatMul({ threads }: { readonly threads?: number } = {}): MatMul {
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
  }
  return async (rows, n, dim) => {
    checkSizes([n, dim], [[rows, n * dim]])
    const session = await open(rows, n, dim, threads)
    return {
      times: (block, m, out, best) => times(session, [m, n, dim], block, out, best),
      release: () => session.release(),
    } satisfies Product
  }
}

async function open(
  rows: Float32Array,
  n: number,
  dim: number,
  threads: number | undefined,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(productModel(rows, n, dim), {
      executionProviders: ['cpu'],
      // Threads that wait busily would take the cores from other products, and from JavaScript.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    })
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_LOAD',
      `ONNX Runtime cannot make ${n} x ${dim} numbers ready for products: ${reason(cause)}`,
      { cause },
    )
  }
}

async function times(
  session: InferenceSession,
  [m, n, dim]: [number, number, number],
  block: Float32Array,
  out: Float32Array,
  best: Float32Array,
): Promise<void> {
  checkSizes(
    [m],
    [
      [block, m * dim],
      [out, m * n],
      [best, n],
    ],
  )
  const tensor = (data: Float32Array, ...shape: number[]) =>
    new Tensor(
      'float32',
      data.subarray(
        0,
        shape.reduce((x, y) => x * y),
      ),
      shape,
    )
  try {
    // ONNX Runtime writes into the tensors that it is given, so nothing is allocated.
    await session.run(
      { block: tensor(block, m, dim) },
      { scores: tensor(out, m, n), best: tensor(best, n) },
    )
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_RUN',
      `a product of ${m} x ${dim} and ${n} x ${dim} numbers failed: ${reason(cause)}`,
      { cause },
    )
  }
}

function checkSizes(
  sizes: readonly number[],
  arrays: readonly (readonly [Float32Array, number])[],
): void {
  const fits = sizes.every((size) => Number.isInteger(size) && size > 0)
  if (fits && arrays.every(([array, needed]) => array.length >= needed)) return
  const lengths = arrays.map(([array, needed]) => `${array.length} (needed: ${needed})`)
  throw new RecognizeError(
    'RECOGNIZE_USE',
    `a product takes sizes of 1 or more, not ${sizes.join(', ')}, and arrays that hold them, not ${lengths.join(', ')}`,
  )
}

const reason = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
