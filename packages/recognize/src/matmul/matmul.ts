import { GROUP, type MatMul } from '@arcface/evaluate'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import { productModel } from './model.js'

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
  return async (panels, dim) => {
    const whole = panels.every(({ length }) => length > 0 && length % dim === 0)
    if (!(Number.isInteger(dim) && dim > 0 && whole && panels.length > 0)) {
      const lengths = panels.map(({ length }) => length).join(', ')
      throw new RecognizeError(
        'RECOGNIZE_USE',
        `a product takes panels of whole rows of length ${dim}, not ${lengths || 'none'} numbers`,
      )
    }
    const sizes = panels.map(({ length }) => length / dim)
    const session = await open(panels, dim, threads)
    return {
      times: (block, m, out, best) => times(session, sizes, dim, m, block, out, best),
      release: () => session.release(),
    }
  }
}

async function open(
  panels: readonly Float32Array[],
  dim: number,
  threads: number | undefined,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(productModel(panels, dim, GROUP), {
      executionProviders: ['cpu'],
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    })
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_LOAD',
      `ONNX Runtime cannot make ${panels.length} panels of rows of length ${dim} ready: ${reason(cause)}`,
      { cause },
    )
  }
}

async function times(
  session: InferenceSession,
  sizes: readonly number[],
  dim: number,
  m: number,
  block: Float32Array,
  out: readonly Float32Array[],
  best: readonly Float32Array[],
): Promise<void> {
  if (!(Number.isInteger(m) && m > 0 && m % GROUP === 0)) {
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `a block has a multiple of ${GROUP} rows, not ${m}; fill it up`,
    )
  }
  const tensor = (data: Float32Array | undefined, rows: number, columns: number) => {
    if (data === undefined || data.length < rows * columns) {
      throw new RecognizeError(
        'RECOGNIZE_USE',
        `a product needs an array of ${rows} x ${columns} numbers, but it has ${data?.length ?? 0}`,
      )
    }
    return new Tensor('float32', data.subarray(0, rows * columns), [rows, columns])
  }
  // ONNX Runtime writes into the tensors that it is given, so nothing is allocated.
  const results = Object.fromEntries(
    sizes.flatMap((n, p) => [
      [`scores_${p}`, tensor(out[p], m, n)],
      [`best_${p}`, tensor(best[p], m / GROUP, n)],
    ]),
  )
  const feeds = { block: tensor(block, m, dim) }
  try {
    await session.run(feeds, results)
  } catch (cause) {
    throw new RecognizeError(
      'RECOGNIZE_RUN',
      `a product of ${m} rows of length ${dim} failed: ${reason(cause)}`,
      { cause },
    )
  }
}

const reason = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
