import type { Engine, Runnable, ThreadTensor, ThreadTensors } from './engine.js'

/**
 * Rows that are multiplied at a time: 4 MB of them, which stay in the cache. They come from shared memory; where ONNX
 * Runtime's binding does not take that, they are copied on their way to it.
 */
export const sliceOf = (dim: number): number => Math.max(1, Math.floor(2 ** 20 / dim))

export interface RowsWork {
  /** Multiplies `probes` with the transpose of `rows` to `scores`. */
  readonly model: Uint8Array
}

/**
 * Multiplies probes (m x dim) with rows (n x dim each) that change from run to run. The answer to `rows_0` is the
 * `scores` of its slices one after the other, m x (rows of the slice) each.
 */
export async function openRows(engine: Engine, { model }: RowsWork): Promise<Runnable> {
  const session = await engine.open(model)
  let scratch = new Float32Array(0)

  async function times(probes: ThreadTensor, rows: ThreadTensor): Promise<ThreadTensor> {
    const [m, [n, dim]] = [probes.dims[0]!, rows.dims as [number, number]]
    const slice = sliceOf(dim)
    if (!engine.takesShared && scratch.length < slice * dim) scratch = new Float32Array(slice * dim)
    const scores = new Float32Array(m * n)
    for (let at = 0; at < n; at += slice) {
      const k = Math.min(slice, n - at)
      const there = rows.data.subarray(at * dim, (at + k) * dim)
      const data = engine.takesShared ? there : scratch.subarray(0, k * dim)
      if (data !== there) data.set(there)
      const result = { dims: [m, k], data: scores.subarray(m * at, m * (at + k)) }
      await session.run({ probes, rows: { dims: [k, dim], data } }, { scores: result })
    }
    return { dims: [m * n], data: scores }
  }

  return {
    async run({ probes, ...parts }) {
      const answer: Record<string, ThreadTensor> = {}
      for (const [name, rows] of Object.entries(parts)) answer[name] = await times(probes!, rows)
      return answer satisfies ThreadTensors
    },
    release: () => session.release(),
  }
}
