import { UMAP } from 'umap-js'

/** What the worker is sent: rows of `dim` numbers. */
export interface UmapJob {
  readonly rows: Float32Array
  readonly dim: number
}

/** What it answers: how far it is, 0 to 1, and the places so far, rows of two numbers. */
export interface UmapState {
  readonly share: number
  readonly places: Float32Array<ArrayBuffer>
}

/** Milliseconds between two answers. */
const PAUSE = 250

addEventListener('message', ({ data: { rows, dim } }: MessageEvent<UmapJob>) => {
  const n = rows.length / dim
  const umap = new UMAP({
    nNeighbors: Math.min(15, n - 1),
    minDist: 0.1,
    // The same images lie in the same places again.
    random: seeded(1),
  })
  const epochs = umap.initializeFit(
    Array.from({ length: n }, (_, i) => [...rows.subarray(i * dim, (i + 1) * dim)]),
  )
  let told = 0
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step()
    if (epoch < epochs && performance.now() - told < PAUSE) continue
    told = performance.now()
    const places = Float32Array.from(umap.getEmbedding().flatMap(([x, y]) => [x!, y!]))
    postMessage({ share: epoch / epochs, places } satisfies UmapState)
  }
})

/** Mulberry32: numbers from 0 to 1 that a seed decides. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), 1 | state)
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
}
