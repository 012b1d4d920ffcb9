import type { Engine, Runnable, ThreadTensor, ThreadTensors } from './engine.js'

/**
 * Rows that are multiplied at a time: 4 MB of them, which stay in the cache. They come from shared memory; where ONNX
 * Runtime's binding does not take that, they are copied on their way to it, once where it is told whose they are.
 */
const sliceOf = (dim: number): number => Math.max(1, Math.floor(2 ** 20 / dim))

export interface RowsWork {
  /** Multiplies `probes` with the transpose of `rows` to `scores`. */
  readonly model: Uint8Array
}

/**
 * Multiplies probes (m x dim) with rows (n x dim each) that change from run to run; `parts` has holder, part and version
 * of each, or zeros. The answer to `rows_0` is the `scores` of its slices one after the other, m x (rows of the slice)
 * each; its dims are n, m and the rows of a slice.
 */
export async function openRows(engine: Engine, { model }: RowsWork): Promise<Runnable> {
  const session = await engine.open(model)
  let scratch = new Float32Array(0)

  /** Copies of the parts of the last holder. */
  const kept = new Map<number, { version: number; data: Float32Array }>()
  let last = 0

  function copyOf(rows: Float32Array, holder: number, part: number, version: number): Float32Array {
    if (holder !== last) kept.clear()
    last = holder
    const before = kept.get(part)
    if (before?.version === version && before.data.length === rows.length) return before.data
    const data = before?.data.length === rows.length ? before.data : new Float32Array(rows.length)
    data.set(rows)
    kept.set(part, { version, data })
    return data
  }

  async function times(
    probes: ThreadTensor,
    rows: ThreadTensor,
    numbers: ArrayLike<number>,
  ): Promise<ThreadTensor> {
    const [holder, part, version] = numbers as ArrayLike<number> & [number, number, number]
    const given = rows.data as Float32Array
    const isThere = engine.takesShared || holder > 0
    const source = engine.takesShared || holder === 0 ? given : copyOf(given, holder, part, version)
    const [m, [n, dim]] = [probes.dims[0]!, rows.dims as [number, number]]
    const slice = isThere ? n : sliceOf(dim)
    if (!isThere && scratch.length < slice * dim) scratch = new Float32Array(slice * dim)
    const scores = new Float32Array(m * n)
    for (let at = 0; at < n; at += slice) {
      const k = Math.min(slice, n - at)
      const there = source.subarray(at * dim, (at + k) * dim)
      const data = isThere ? there : scratch.subarray(0, k * dim)
      if (data !== there) data.set(there)
      const result = { dims: [m, k], data: scores.subarray(m * at, m * (at + k)) }
      await session.run({ probes, rows: { dims: [k, dim], data } }, { scores: result })
    }
    return { dims: [n, m, slice], data: scores }
  }

  return {
    async run({ probes, parts, ...all }) {
      const answer: Record<string, ThreadTensor> = {}
      for (const [i, [name, rows]] of Object.entries(all).entries())
        answer[name] = await times(probes!, rows, parts!.data.subarray(3 * i, 3 * i + 3))
      return answer satisfies ThreadTensors
    },
    release: () => session.release(),
  }
}
