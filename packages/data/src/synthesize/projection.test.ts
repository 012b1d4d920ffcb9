import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { drawIdentity } from './identity.js'
import { drawNuisance } from './nuisance.js'
import { projectHead } from './projection.js'
import { drawRelief, ORIGIN_X, ORIGIN_Y, TEXTURE } from './relief.js'

const light = {
  gain: new Float32Array(TEXTURE * TEXTURE).fill(1),
  gloss: new Float32Array(TEXTURE * TEXTURE),
  colour: [1, 1, 1] as const,
}

/** Centre of a soft white spot at (u, v) of the head, in the image. */
function locate(u: number, v: number, seed: number): [number, number] {
  const identity = drawIdentity(new Random(seed))
  const drawn = drawNuisance(new Random(seed, 1))
  const alignment = { roll: 0, scale: 1, x: 0, y: 0 }
  const expression = { ...drawn.expression, smile: 0 }
  const texture = new Uint8Array(TEXTURE * TEXTURE * 4).fill(255)
  for (let i = 0; i < TEXTURE * TEXTURE; i++) {
    const distance = Math.hypot(
      (i % TEXTURE) - ORIGIN_X - u,
      Math.floor(i / TEXTURE) - ORIGIN_Y - v,
    )
    texture.fill(255 * Math.exp(-(distance ** 2) / 4), i * 4, i * 4 + 3)
  }
  const image = new Float32Array(IMAGE_BYTES)
  const nuisance = { ...drawn, alignment, expression }
  projectHead(image, texture, drawRelief(identity), light, identity, nuisance)
  let [sum, x, y] = [0, 0, 0]
  for (let pixel = 0; pixel < IMAGE_SIZE ** 2; pixel++) {
    const weight = image[pixel * 3]!
    sum += weight
    x += weight * (pixel % IMAGE_SIZE)
    y += weight * Math.floor(pixel / IMAGE_SIZE)
  }
  return [x / sum, y / sum]
}

describe('projectHead', () => {
  it("brings the landmarks' centre to that of the alignment template, at any pose", () => {
    for (let seed = 0; seed < 12; seed++) {
      const { eyes, nose, mouth } = drawIdentity(new Random(seed))
      const points = [
        locate(-eyes.spacing, eyes.y, seed),
        locate(eyes.spacing, eyes.y, seed),
        locate(0, nose.tipY, seed),
        locate(-mouth.width, mouth.y, seed),
        locate(mouth.width, mouth.y, seed),
      ]
      // Means of the template of FACTS' five points: 56.0252 and 71.9132.
      const mean = (axis: 0 | 1) => points.reduce((total, point) => total + point[axis] / 5, 0)
      expect(
        Math.abs(mean(0) - (38.2946 + 73.5318 + 56.0252 + 41.5493 + 70.7299) / 5),
      ).toBeLessThan(1.2)
      expect(
        Math.abs(mean(1) - (51.6963 + 51.5014 + 71.7366 + 92.3655 + 92.2041) / 5),
      ).toBeLessThan(1.2)
      // Upright and of the right size: eyes left and right, mouth below.
      expect(points[1]![0] - points[0]![0]).toBeGreaterThan(20)
      expect(points[3]![1] - points[0]![1]).toBeGreaterThan(25)
    }
  })
})
