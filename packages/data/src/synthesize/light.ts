import type { Nuisance } from './nuisance.js'
import { TEXTURE } from './relief.js'

/** Light on each pixel of the texture. */
export interface Light {
  /** Factor on the painted colour. */
  gain: Float32Array
  /** Added to the colour, 0 .. 255. */
  gloss: Float32Array
  colour: readonly [number, number, number]
}

/** Lambert's law with an ambient part, and a highlight, on the slopes of the relief; the light turns against the head. */
export function lightRelief(relief: Float32Array, { pose, light }: Nuisance): Light {
  const [x, y, z] = intoHead(light.direction, pose)
  // Half way between the light and the camera.
  const [ex, ey, ez] = intoHead([0, 0, 1], pose)
  const length = Math.hypot(x + ex, y + ey, z + ez)
  const [hx, hy, hz] = [(x + ex) / length, (y + ey) / length, (z + ez) / length]
  const gain = new Float32Array(TEXTURE * TEXTURE).fill(light.ambient)
  const gloss = new Float32Array(TEXTURE * TEXTURE)
  for (let row = 1; row < TEXTURE - 1; row++)
    for (let at = row * TEXTURE + 1; at < (row + 1) * TEXTURE - 1; at++) {
      const slopeX = (relief[at + 1]! - relief[at - 1]!) / 2
      const slopeY = (relief[at + TEXTURE]! - relief[at - TEXTURE]!) / 2
      const norm = 1 / Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1)
      const diffuse = (z - slopeX * x - slopeY * y) * norm
      if (diffuse <= 0) continue
      gain[at]! += light.diffuse * diffuse
      const mirror = (hz - slopeX * hx - slopeY * hy) * norm
      // The 32nd power, by squaring.
      const [p2, strength] = [mirror * mirror, 90 * light.specular]
      const p8 = p2 * p2 * p2 * p2
      gloss[at] = strength * p8 * p8 * p8 * p8
    }
  return { gain, gloss, colour: light.colour }
}

/** A direction of the camera's space in the head's: the inverse of the pose. */
function intoHead(
  [x, y, z]: readonly [number, number, number],
  { yaw, pitch }: Nuisance['pose'],
): [number, number, number] {
  const up = y * Math.cos(pitch) + z * Math.sin(pitch)
  const depth = z * Math.cos(pitch) - y * Math.sin(pitch)
  return [x * Math.cos(yaw) - depth * Math.sin(yaw), up, x * Math.sin(yaw) + depth * Math.cos(yaw)]
}
