import type { Random } from '@arcface/vision'
import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'
import { mixColour } from './identity.js'
import type { Nuisance } from './nuisance.js'

const S = IMAGE_SIZE

/** A vertical gradient with soft round spots. IMAGE_BYTES floats, 0 .. 255. */
export function drawBackground({ background: { top, bottom, blobs } }: Nuisance): Float32Array {
  const image = new Float32Array(IMAGE_BYTES)
  for (let y = 0, to = 0; y < S; y++) {
    const colour = mixColour(top, bottom, y / (S - 1))
    for (let x = 0; x < S; x++, to += 3) image.set(colour, to)
  }
  for (const { x, y, radius, colour } of blobs)
    for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(S, y + radius); row++)
      for (
        let column = Math.max(0, Math.floor(x - radius));
        column < Math.min(S, x + radius);
        column++
      ) {
        const distance = Math.hypot(column - x, row - y) / radius
        const weight = Math.min(Math.max(3 * (1 - distance), 0), 1) * 0.8
        const to = (row * S + column) * 3
        for (let c = 0; c < 3; c++) image[to + c]! += (colour[c]! - image[to + c]!) * weight
      }
  return image
}

/** What lens and sensor make of the light: blur, noise, grey, gamma, 8 bits. */
export function develop(image: Float32Array, { camera }: Nuisance, random: Random): Uint8Array {
  const sharpness = camera.blur > 0 ? blur(image, camera.blur) : image
  const curve = new Uint8ClampedArray(256)
  for (let v = 0; v < 256; v++) curve[v] = 255 * (v / 255) ** camera.gamma
  const out = new Uint8ClampedArray(IMAGE_BYTES)
  for (let i = 0; i < IMAGE_BYTES; i++) out[i] = sharpness[i]! + camera.noise * roughNormal(random)
  for (let i = 0; i < IMAGE_BYTES; i++) out[i] = curve[out[i]!]!
  if (camera.grey)
    for (let i = 0; i < IMAGE_BYTES; i += 3)
      out.fill(0.299 * out[i]! + 0.587 * out[i + 1]! + 0.114 * out[i + 2]!, i, i + 3)
  return new Uint8Array(out.buffer)
}

/** Four bytes added: near enough to a normal number for noise, and ten times as fast. */
function roughNormal(random: Random): number {
  const x = random.uint32()
  return ((x & 255) + ((x >>> 8) & 255) + ((x >>> 16) & 255) + (x >>> 24) - 510) / 147.8
}

/** Gauss, first along the rows and then along the columns; the border is continued. */
function blur(image: Float32Array, sigma: number): Float32Array {
  const radius = Math.ceil(2.5 * sigma)
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  )
  const total = kernel.reduce((sum, k) => sum + k, 0)
  const pass = (from: Float32Array, stride: number, across: number) => {
    const to = new Float32Array(IMAGE_BYTES)
    for (let line = 0; line < S; line++)
      for (let i = 0; i < S; i++) {
        const at = line * across + i * stride
        for (let k = -radius; k <= radius; k++) {
          const source = line * across + Math.min(Math.max(i + k, 0), S - 1) * stride
          const weight = kernel[k + radius]! / total
          to[at]! += weight * from[source]!
          to[at + 1]! += weight * from[source + 1]!
          to[at + 2]! += weight * from[source + 2]!
        }
      }
    return to
  }
  return pass(pass(image, 3, 3 * S), 3 * S, 3)
}
