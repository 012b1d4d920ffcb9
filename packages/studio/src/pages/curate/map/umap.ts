import type { SuspectPoints } from '@arcface/evaluate'
import { useEffect, useState } from 'react'
import type { Rows } from '../npy.js'
import type { UmapState } from './umap.worker.js'

/** Images of which a map of neighbourhoods is made: more would take minutes in a browser. */
const SAMPLE = 4000
/** Fewer images have no neighbourhoods. */
const LEAST = 5

/** Rows of a sample: those that are nearer to somebody else than to their own person first, the others evenly spread. */
export function sampleOf({ own, nearest }: SuspectPoints): Int32Array {
  const all = [...own.keys()]
  if (all.length <= SAMPLE) return Int32Array.from(all)
  const isOdd = (row: number) => (own[row] ?? 0) > (nearest[row] ?? 180)
  const odd = all.filter(isOdd).slice(0, SAMPLE / 4)
  const rest = all.filter((row) => !isOdd(row))
  const step = rest.length / (SAMPLE - odd.length)
  const spread = Array.from({ length: SAMPLE - odd.length }, (_, i) => rest[Math.floor(i * step)]!)
  return Int32Array.from([...odd, ...spread].sort((a, b) => a - b))
}

/** UMAP of some rows in a worker, as far as it is; null while nothing is wanted or known. */
export function useUmap(components: Rows | undefined, rows: Int32Array | null): UmapState | null {
  const [state, setState] = useState<UmapState | null>(null)
  useEffect(() => {
    setState(null)
    if (!components || !rows || rows.length < LEAST) return
    const worker = new Worker(new URL('./umap.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<UmapState>) => setState(data)
    const { data, dim } = components
    const some = new Float32Array(rows.length * dim)
    for (const [i, row] of rows.entries())
      some.set(data.subarray(row * dim, (row + 1) * dim), i * dim)
    worker.postMessage({ rows: some, dim }, [some.buffer])
    return () => worker.terminate()
  }, [components, rows])
  return state
}
