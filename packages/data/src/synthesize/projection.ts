import { IMAGE_SIZE } from '@arcface/vision'
import type { Identity } from './identity.js'
import type { Light } from './light.js'
import type { Nuisance } from './nuisance.js'
import { heightAt, ORIGIN_X, ORIGIN_Y, TEXTURE } from './relief.js'

/** Where alignment puts eyes, nose tip and mouth corners of a 112 x 112 face (ArcFace's template), x and y in turn. */
const TEMPLATE = [
  38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041,
]

/** Fixed-point steps a pixel, from where its left neighbour ended. */
const STEPS = 2
/** More of them at the left border, which has no neighbour. */
const FIRST_STEPS = 6

/**
 * Puts the turned, lit and aligned head over the background.
 *
 * @param image IMAGE_BYTES floats (0 .. 255), RGB, HWC; changed in place
 * @param texture TEXTURE x TEXTURE RGBA bytes, alpha not multiplied
 */
export function projectHead(
  image: Float32Array,
  texture: Uint8Array,
  relief: Float32Array,
  light: Light,
  identity: Identity,
  nuisance: Nuisance,
): void {
  const { yaw, pitch } = nuisance.pose
  const [cosYaw, sinYaw, cosPitch, sinPitch] = [
    Math.cos(yaw),
    Math.sin(yaw),
    Math.cos(pitch),
    Math.sin(pitch),
  ]
  const forward = (u: number, v: number): [number, number] => {
    const z = heightAt(relief, u, v)
    return [u * cosYaw + z * sinYaw, v * cosPitch - (z * cosYaw - u * sinYaw) * sinPitch]
  }
  const map = inverseAlignment(
    landmarks(identity, nuisance).map(([u, v]) => forward(u, v)),
    nuisance,
  )

  for (let row = 0, to = 0; row < IMAGE_SIZE; row++) {
    let u = map.b * row + map.x
    let v = map.a * row + map.y
    for (let column = 0; column < IMAGE_SIZE; column++, to += 3) {
      const x = map.a * column + map.b * row + map.x
      const y = map.a * row - map.b * column + map.y
      for (let step = column === 0 ? -FIRST_STEPS : 0; step < STEPS; step++) {
        const z = heightAt(relief, u, v)
        u = (x - z * sinYaw) / cosYaw
        v = (y + (z * cosYaw - u * sinYaw) * sinPitch) / cosPitch
      }
      blendPixel(image, to, texture, light, u + ORIGIN_X, v + ORIGIN_Y)
    }
  }
}

type Point = readonly [x: number, y: number]

/** Eyes, nose tip and mouth corners in the plane of the face, in the template's order. */
function landmarks({ eyes, nose, mouth }: Identity, { expression: { smile } }: Nuisance): Point[] {
  const w = mouth.width * (1 + 0.17 * smile)
  const corner = mouth.y - 3 * smile
  return [
    [-eyes.spacing, eyes.y],
    [eyes.spacing, eyes.y],
    [0, nose.tipY],
    [-w, corner],
    [w, corner],
  ]
}

/** Image to head plane: x' = a x + b y + x0, y' = a y - b x + y0. */
interface Similarity {
  a: number
  b: number
  x: number
  y: number
}

/** The inverse of the similarity that fits the points to the template by least squares and then misses by the jitter. */
function inverseAlignment(points: Point[], { alignment }: Nuisance): Similarity {
  let [px, py, qx, qy] = [0, 0, 0, 0]
  points.forEach(([x, y], i) => {
    px += x / 5
    py += y / 5
    qx += TEMPLATE[2 * i]! / 5
    qy += TEMPLATE[2 * i + 1]! / 5
  })
  let [dot, cross, square] = [0, 0, 0]
  points.forEach(([x, y], i) => {
    const [dx, dy, ex, ey] = [x - px, y - py, TEMPLATE[2 * i]! - qx, TEMPLATE[2 * i + 1]! - qy]
    dot += dx * ex + dy * ey
    cross += dx * ey - dy * ex
    square += dx * dx + dy * dy
  })
  const angle = Math.atan2(cross, dot) + alignment.roll
  const scale = (Math.hypot(dot, cross) / square) * alignment.scale
  const a = Math.cos(angle) / scale
  const b = Math.sin(angle) / scale
  const [cx, cy] = [qx + alignment.x, qy + alignment.y]
  return { a, b, x: px - a * cx - b * cy, y: py - a * cy + b * cx }
}

/** Bilinear in the texture, weighted by alpha, times the light. `x` and `y` are texture coordinates. */
function blendPixel(
  image: Float32Array,
  to: number,
  texture: Uint8Array,
  light: Light,
  x: number,
  y: number,
): void {
  const column = Math.floor(x)
  const row = Math.floor(y)
  if (column < 0 || row < 0 || column >= TEXTURE - 1 || row >= TEXTURE - 1) return
  const fx = x - column
  const fy = y - row
  let [red, green, blue, alpha] = [0, 0, 0, 0]
  for (let corner = 0; corner < 4; corner++) {
    const right = corner & 1
    const down = corner >> 1
    const at = ((row + down) * TEXTURE + column + right) * 4
    const weight = (right ? fx : 1 - fx) * (down ? fy : 1 - fy) * texture[at + 3]!
    red += weight * texture[at]!
    green += weight * texture[at + 1]!
    blue += weight * texture[at + 2]!
    alpha += weight
  }
  const cell = Math.round(y) * TEXTURE + Math.round(x)
  const gain = light.gain[cell]! / 255
  const gloss = light.gloss[cell]! * (alpha / 255)
  const keep = 1 - alpha / 255
  image[to] = image[to]! * keep + red * gain * light.colour[0] + gloss
  image[to + 1] = image[to + 1]! * keep + green * gain * light.colour[1] + gloss
  image[to + 2] = image[to + 2]! * keep + blue * gain * light.colour[2] + gloss
}
