import type { Identity } from './identity.js'

/** Side of the square texture that a head is painted on, in pixels of an aligned face. */
export const TEXTURE = 144
/** Column and row of the origin in the texture. */
export const ORIGIN_X = 72
export const ORIGIN_Y = 78

/** Height of the head's surface above the plane of its outline, in pixels. */
const DEPTH = 27

/**
 * The relief of a head as seen from the front: a height for each pixel of the texture. Pose moves a feature by its
 * height, light falls on its slopes.
 */
export function drawRelief(identity: Identity): Float32Array {
  const { face, eyes, nose, mouth, bones } = identity
  const heights = new Float32Array(TEXTURE * TEXTURE)
  const middleY = (face.chinY - 62) / 2
  const halfHeight = (face.chinY + 66) / 2
  for (let row = 0, i = 0; row < TEXTURE; row++) {
    const v = row - ORIGIN_Y
    const y = (v - middleY) / halfHeight
    for (let column = 0; column < TEXTURE; column++, i++) {
      const u = column - ORIGIN_X
      const radius = Math.min(Math.hypot(u / (face.width + 3), y), 1.6)
      heights[i] = DEPTH * Math.cos((radius * Math.PI) / 2)
    }
  }

  const bump = (x: number, y: number, rx: number, ry: number, height: number) => {
    const top = Math.max(Math.floor(y - 2.5 * ry) + ORIGIN_Y, 0)
    const bottom = Math.min(Math.ceil(y + 2.5 * ry) + ORIGIN_Y, TEXTURE - 1)
    const left = Math.max(Math.floor(x - 2.5 * rx) + ORIGIN_X, 0)
    const right = Math.min(Math.ceil(x + 2.5 * rx) + ORIGIN_X, TEXTURE - 1)
    for (let row = top; row <= bottom; row++) {
      const dy = (row - ORIGIN_Y - y) / ry
      for (let column = left; column <= right; column++) {
        const dx = (column - ORIGIN_X - x) / rx
        heights[row * TEXTURE + column]! += height * Math.exp(-(dx * dx + dy * dy))
      }
    }
  }
  for (const side of [-1, 1]) {
    bump(side * eyes.spacing, eyes.y, eyes.width * 1.1, 6, -4)
    bump(side * eyes.spacing, eyes.y, eyes.width * 0.7, 3.4, 2)
    bump(side * eyes.spacing, eyes.y - 9, 10, 4, bones.ridge)
    bump(side * (eyes.spacing + 8), eyes.y + 15, 9, 7, bones.cheek)
    bump(side * nose.width * 0.75, nose.tipY + 0.5, nose.width * 0.35, 3.5, nose.projection * 0.28)
  }
  // The ridge of the nose: a chain of bumps that rise and widen towards the tip.
  const length = nose.tipY - eyes.y
  for (let k = 0; k <= 4; k++) {
    const t = k / 4
    const width = nose.bridge + (nose.width * 0.6 - nose.bridge) * t
    bump(0, eyes.y + length * t, width, length / 4, nose.projection * (0.14 + 0.42 * t * t))
  }
  bump(0, mouth.y, mouth.width * 0.9, 7, 3)
  bump(0, face.chinY - 9, face.chinWidth * 0.6 + 5, 6, bones.chin)
  return heights
}

/** The height at a point, in coordinates of Identity, bilinear; beyond the texture that of its border. */
export function heightAt(relief: Float32Array, u: number, v: number): number {
  const x = Math.min(Math.max(u + ORIGIN_X, 0), TEXTURE - 1.001)
  const y = Math.min(Math.max(v + ORIGIN_Y, 0), TEXTURE - 1.001)
  const column = Math.floor(x)
  const row = Math.floor(y)
  const at = row * TEXTURE + column
  const top = relief[at]! + (relief[at + 1]! - relief[at]!) * (x - column)
  const bottom =
    relief[at + TEXTURE]! + (relief[at + TEXTURE + 1]! - relief[at + TEXTURE]!) * (x - column)
  return top + (bottom - top) * (y - row)
}
