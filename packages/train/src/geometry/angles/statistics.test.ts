import { radians } from '@arcface/evaluate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  angleStatistics,
  anglesToCentres,
  centreStatistics,
  embeddingCentres,
  type Labelled,
  nearestAngles,
} from './statistics.js'

/** Points of the circle at angles in degrees, each of a length of its own. */
const onCircle = (...places: number[]): number[] =>
  places.flatMap((place, i) => [
    (i + 1) * Math.cos(radians(place)),
    (i + 1) * Math.sin(radians(place)),
  ])

// Class 0 at 0 and 20 degrees, class 1 at 90, 100 and 110, class 2 at 200: centres at 10, 100 and 200.
const given: Labelled = {
  embeddings: Float32Array.from(onCircle(0, 90, 20, 100, 200, 110)),
  labels: [0, 1, 0, 1, 2, 1],
  dim: 2,
  classes: 3,
}

describe('angle statistics', () => {
  it('are those computed by hand', () => {
    const centres = embeddingCentres(given)
    const expected = [10, 100, 200].flatMap((place) => [
      Math.cos(radians(place)),
      Math.sin(radians(place)),
    ])
    expected.forEach((value, i) => {
      expect(centres[i]).toBeCloseTo(value, 6)
    })
    const { intra, inter } = angleStatistics(given)
    expect(intra).toBeCloseTo(radians((10 + 10 + 10 + 0 + 0 + 10) / 6), 6)
    expect(inter).toBeCloseTo(radians((90 + 90 + 100) / 3), 6)
  })

  it('of trained centres are those computed by hand', () => {
    const { wEc, wInter } = centreStatistics(given, onCircle(13, 94, 205))
    expect(wEc).toBeCloseTo(radians((3 + 6 + 5) / 3), 6)
    expect(wInter).toBeCloseTo(radians((81 + 81 + 111) / 3), 6)
  })

  it('count the sub-centre that is nearest to the embeddings', () => {
    const both = centreStatistics(given, onCircle(300, 13, 94, 150, 205, 20))
    expect(both.wEc).toBeCloseTo(centreStatistics(given, onCircle(13, 94, 205)).wEc, 12)
    expect(both.wInter).toBeCloseTo(centreStatistics(given, onCircle(13, 94, 205)).wInter, 12)
  })

  it('measure each row against the centre of its own class', () => {
    const angles = anglesToCentres(given, onCircle(5, 100, 20))
    ;[5, 10, 15, 0, 180, 10].forEach((expected, i) => {
      expect(angles[i]).toBeCloseTo(radians(expected), 6)
    })
  })

  it('keep the digits of angles near 0 and 180 degrees', () => {
    const tiny = 1e-9
    const rows = [1, 0, Math.cos(tiny), Math.sin(tiny), -1, 0]
    const [first, , opposite] = nearestAngles(Float64Array.from(rows), 2)
    expect(first! / tiny).toBeCloseTo(1, 6)
    expect(opposite).toBeCloseTo(Math.PI, 8)
  })

  it('do not change with the lengths of the rows, and stay between 0 and pi', () => {
    const row = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 6, maxLength: 6 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (rows, factor) => {
          const of = (scale: number): Labelled => ({
            embeddings: Float32Array.from(rows.flat(), (value) => scale * value),
            labels: [0, 1, 2, 0, 1, 2],
            dim: 3,
            classes: 3,
          })
          const [plain, scaled] = [angleStatistics(of(1)), angleStatistics(of(factor))]
          for (const name of ['intra', 'inter'] as const) {
            expect(Math.abs(scaled[name] - plain[name])).toBeLessThan(1e-5)
            expect(plain[name]).toBeGreaterThanOrEqual(0)
            expect(plain[name]).toBeLessThanOrEqual(Math.PI)
          }
        },
      ),
    )
  })
})
