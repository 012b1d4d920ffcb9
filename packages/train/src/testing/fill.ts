/**
 * Deterministic weights and images for tests: the same float32 bits as goldens/fill.py, whose head explains the
 * formulas and why the PReLU slopes are near 1.
 */

function fnv1a(name: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash
}

/** 32-bit hashes of `name` and 0, 1, 2, ... */
export function hashes(name: string, count: number): Uint32Array {
  const start = fnv1a(name)
  const found = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    let x = (start + Math.imul(i, 0x9e3779b9)) | 0
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    found[i] = x ^ (x >>> 16)
  }
  return found
}

/** float32 values, uniform in [centre - half, centre + half). */
export function uniform(name: string, count: number, centre = 0, half = 1): Float32Array {
  const random = hashes(name, count)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = centre + half * ((random[i]! >>> 8) * 2 ** -23 - 1)
  return values
}

const product = (shape: readonly number[]) => shape.reduce((all, side) => all * side, 1)

/** Centre and half-width of the values of a state-dict entry. */
function spread(
  name: string,
  shape: readonly number[],
  has: (name: string) => boolean,
): [centre: number, half: number] {
  const dot = name.lastIndexOf('.')
  const leaf = name.slice(dot + 1)
  if (shape.length >= 2) return [0, Math.sqrt(3 / product(shape.slice(1)))]
  if (leaf === 'running_mean' || leaf === 'bias') return [0, 0.05]
  if (leaf === 'running_var') return [1, 0.1]
  if (name === 'features.weight') return [1, 0]
  return has(`${name.slice(0, dot)}.running_mean`) ? [1, 0.1] : [0.97, 0.02]
}

/** Values for every entry of a state dict, by name. */
export function stateValues(
  shapes: ReadonlyMap<string, readonly number[]>,
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>()
  for (const [name, shape] of shapes) {
    const counter = name.endsWith('num_batches_tracked')
    const [centre, half] = counter ? [0, 0] : spread(name, shape, (one) => shapes.has(one))
    values.set(name, uniform(name, product(shape), centre, half))
  }
  return values
}

/** Sum of the values, each with a sign that hangs on `name` and its place. */
export function project(name: string, values: ArrayLike<number>): number {
  const signs = hashes(name, values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += signs[i]! >>> 31 ? -values[i]! : values[i]!
  return sum
}

/** uint8 [count, 112, 112, 3]: blocks of 8x8 pixels and noise. */
export function images(name: string, count: number): Uint8Array {
  const coarse = hashes(`${name}/coarse`, count * 14 * 14 * 3)
  const fine = hashes(`${name}/fine`, count * 112 * 112 * 3)
  const pixels = new Uint8Array(fine.length)
  for (let i = 0; i < pixels.length; i++) {
    const channel = i % 3
    const x = Math.floor(i / 3) % 112
    const y = Math.floor(i / (3 * 112)) % 112
    const n = Math.floor(i / (3 * 112 * 112))
    const block = ((n * 14 + (y >> 3)) * 14 + (x >> 3)) * 3 + channel
    pixels[i] = (3 * (coarse[block]! >>> 24) + (fine[i]! >>> 24)) >> 2
  }
  return pixels
}

export const labels = (name: string, count: number, classes: number): number[] =>
  Array.from(hashes(name, count), (hash) => hash % classes)
