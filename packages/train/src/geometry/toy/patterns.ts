import { Random } from '@arcface/vision'

/** Side of a pattern in pixels. */
export const SIDE = 12
/** Blobs that make up one identity. */
const BLOBS = 6

/** Small grey pictures of identities that look different each time, as faces do. */
export interface Patterns {
  identities: number
  /** count x SIDE x SIDE, about -2 to 2. */
  images: Float32Array
  /** Identity of each, 0 to identities - 1. */
  labels: Int32Array
}

interface Blob {
  x: number
  y: number
  radius: number
  height: number
}

/**
 * Draws `perIdentity` pictures of each identity: a few soft blobs, dark or bright, then moved, turned, made brighter
 * or flatter, and with noise. The seed decides everything.
 */
export function drawPatterns({
  identities,
  perIdentity,
  seed,
}: {
  identities: number
  perIdentity: number
  seed: number
}): Patterns {
  const pixels = SIDE * SIDE
  const images = new Float32Array(identities * perIdentity * pixels)
  const labels = new Int32Array(identities * perIdentity)
  for (let identity = 0; identity < identities; identity++) {
    const blobs = drawIdentity(new Random(seed, identity))
    for (let k = 0; k < perIdentity; k++) {
      const at = identity * perIdentity + k
      labels[at] = identity
      drawSample(
        blobs,
        new Random(seed, identity, k),
        images.subarray(at * pixels, (at + 1) * pixels),
      )
    }
  }
  return { identities, images, labels }
}

const drawIdentity = (random: Random): Blob[] =>
  Array.from({ length: BLOBS }, () => ({
    x: random.between(-0.7, 0.7),
    y: random.between(-0.7, 0.7),
    radius: random.between(0.2, 0.45),
    height: random.chance(0.5) ? 1 : -1,
  }))

function drawSample(blobs: readonly Blob[], random: Random, image: Float32Array): void {
  const [right, down] = [random.between(-0.3, 0.3), random.between(-0.3, 0.3)]
  const angle = random.between(-0.5, 0.5)
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [contrast, brightness] = [random.between(0.6, 1.4), random.between(-0.4, 0.4)]
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const u = (2 * column + 1) / SIDE - 1 - right
      const v = (2 * row + 1) / SIDE - 1 - down
      const [x, y] = [cos * u + sin * v, cos * v - sin * u]
      const value = blobs.reduce(
        (sum, blob) =>
          sum +
          blob.height * Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.radius ** 2)),
        0,
      )
      image[row * SIDE + column] = contrast * value + brightness + 0.5 * random.normal()
    }
}
