import { Random } from '@arcface/vision'

/** A unit vector of a seed. */
export function face(dim: number, seed: number): Float32Array {
  const random = new Random(seed)
  return unit(Float32Array.from({ length: dim }, () => random.normal()))
}

/** A unit vector at the given cosine from another. */
export function noisy(center: Float32Array, cosine: number, seed: number): Float32Array {
  const other = face(center.length, seed)
  const along = similarity(center, other)
  const across = unit(other.map((value, k) => value - along * center[k]!))
  const sine = Math.sqrt(1 - cosine * cosine)
  return unit(center.map((value, k) => cosine * value + sine * across[k]!))
}

export const similarity = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0)

function unit(v: Float32Array): Float32Array {
  const length = Math.sqrt(similarity(v, v))
  return v.map((value) => value / length)
}
