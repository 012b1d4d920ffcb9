import { radians } from '@arcface/evaluate'
import { describe, expect, it } from 'vitest'
import { selectClean } from './select.js'

/** Points of the unit circle, times any length. */
const at = (...degrees: number[]) =>
  Float32Array.from(
    degrees.flatMap((one, i) => [
      (i + 1) * Math.cos(radians(one)),
      (i + 1) * Math.sin(radians(one)),
    ]),
  )

describe('selectClean', () => {
  const given = {
    embeddings: at(0, 10, 20, 95, 84, 180, 190, 185),
    labels: [0, 0, 0, 0, 0, 1, 1, 1],
    dim: 2,
    classes: 2,
  }
  // Person 0 has centres at 90 and 10 degrees, person 1 at 186 and 0.
  const { centres, images } = selectClean(given, at(90, 10, 186, 0), radians(75))

  it('keeps of each person the centre with the most images', () => {
    expect(centres).toEqual([
      { label: 0, centre: 0, images: 2, dominant: false },
      { label: 0, centre: 1, images: 3, dominant: true },
      { label: 1, centre: 0, images: 3, dominant: true },
      { label: 1, centre: 1, images: 0, dominant: false },
    ])
  })

  it('drops images that are farther than the limit from it', () => {
    expect(images.map(({ dropped }) => dropped)).toEqual(
      [10, 0, 10, 85, 74, 6, 4, 1].map((degrees) => degrees > 75),
    )
    images.forEach(({ angle }, i) => {
      expect(angle).toBeCloseTo(radians([10, 0, 10, 85, 74, 6, 4, 1][i]!), 6)
    })
    expect(images.map(({ centre }) => centre)).toEqual([1, 1, 1, 0, 0, 0, 0, 0])
  })
})
