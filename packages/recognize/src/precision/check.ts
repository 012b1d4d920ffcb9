import { cosine, type Embedder, IMAGE_BYTES } from '@arcface/vision'

/** How a network in another precision differs from the float32 one, over faces. */
export interface Difference {
  /** Cosine between the two embeddings of a face. */
  readonly cosine: { readonly mean: number; readonly min: number }
  /** What became of the cosine of two faces: how much higher it is, in the mean, and the standard deviation of that. */
  readonly pairs: { readonly mean: number; readonly std: number }
}

/** @param faces n x 112 x 112 x 3, n two or more @throws as `Embedder.embed` */
export async function compare(
  float: Embedder,
  other: Embedder,
  faces: Uint8Array,
): Promise<Difference> {
  const n = faces.length / IMAGE_BYTES
  const [a, b] = [await rowsOf(float, faces, n), await rowsOf(other, faces, n)]
  const own = a.map((row, i) => cosine(row, b[i]!))
  const moved: number[] = []
  for (let i = 0; i < n; i++)
    for (let k = 0; k < i; k++) moved.push(cosine(b[i]!, b[k]!) - cosine(a[i]!, a[k]!))
  const mean = meanOf(moved)
  const std = Math.sqrt(meanOf(moved.map((one) => (one - mean) ** 2)))
  return { cosine: { mean: meanOf(own), min: Math.min(...own) }, pairs: { mean, std } }
}

async function rowsOf(embedder: Embedder, faces: Uint8Array, n: number): Promise<Float32Array[]> {
  const rows = await embedder.embed(faces, n)
  const { dim } = embedder
  return Array.from({ length: n }, (_, i) => rows.subarray(i * dim, (i + 1) * dim))
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
