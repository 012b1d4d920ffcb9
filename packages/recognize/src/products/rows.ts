import type { Engine, Runnable, Session, ThreadTensor, ThreadTensors } from './engine.js'

export interface RowsWork {
  /** Multiplies `probes` with the transpose of `rows` to `scores`. */
  readonly model: Uint8Array
}

/**
 * Multiplies probes (m x dim) with rows (n x dim each) that change from run to run, to m x n each, under the names of the
 * rows. `parts` has holder, part and version of each, or zeros: where the runtime reads no shared memory, a copy of rows
 * is kept by these until they change, and else made at each run.
 */
export async function openRows(engine: Engine, { model }: RowsWork): Promise<Runnable> {
  const session = await engine.open(model)
  const readsShared = await takesShared(session)
  /** Copies of the parts of the last holder. */
  const kept = new Map<number, { version: number; data: Float32Array }>()
  let last = 0

  function copyOf(rows: Float32Array, [holder, part, version]: Key): Float32Array {
    if (holder === 0) return rows.slice()
    if (holder !== last) kept.clear()
    last = holder
    const before = kept.get(part)
    if (before?.version === version && before.data.length === rows.length) return before.data
    const data = before?.data.length === rows.length ? before.data : new Float32Array(rows.length)
    data.set(rows)
    kept.set(part, { version, data })
    return data
  }

  async function times(probes: ThreadTensor, rows: ThreadTensor, key: Key): Promise<ThreadTensor> {
    const given = rows.data as Float32Array
    const isReadable = readsShared || !(given.buffer instanceof SharedArrayBuffer)
    const data = isReadable ? given : copyOf(given, key)
    const dims = [probes.dims[0]!, rows.dims[0]!] as const
    const scores = { dims, data: new Float32Array(dims[0] * dims[1]) }
    await session.run({ probes, rows: { dims: rows.dims, data } }, { scores })
    return scores
  }

  return {
    async run({ probes, parts, ...all }) {
      const keys = parts!.data
      const answer: Record<string, ThreadTensor> = {}
      for (const [i, [name, rows]] of Object.entries(all).entries())
        answer[name] = await times(probes!, rows, [
          keys[3 * i]!,
          keys[3 * i + 1]!,
          keys[3 * i + 2]!,
        ])
      return answer satisfies ThreadTensors
    },
    release: () => session.release(),
  }
}

/** Whose rows, which part of them, how often it was changed. */
type Key = readonly [holder: number, part: number, version: number]

/** Whether a runtime reads shared memory where it lies. The binding for Node does from Node 24 on: tried with one number. */
async function takesShared(session: Session): Promise<boolean> {
  const two = { dims: [1, 1], data: new Float32Array(new SharedArrayBuffer(4)).fill(2) }
  return session.run({ probes: two, rows: two }).then(
    ({ scores }) => scores!.data[0] === 4,
    () => false,
  )
}
