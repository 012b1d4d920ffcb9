import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { radians, spaced } from './angles.js'
import { type Margins, namedMargins } from './margins.js'
import { targetLogit, targetSlope, turningAngle } from './target.js'

/** Table 2 and equation 4 of the paper, each as its loss is written. */
const formulas: [keyof typeof namedMargins, (theta: number) => number][] = [
  ['norm-softmax', (t) => Math.cos(t)],
  ['sphereface', (t) => Math.cos(1.35 * t)],
  ['arcface', (t) => Math.cos(t + 0.5)],
  ['cosface', (t) => Math.cos(t) - 0.35],
  ['cm1', (t) => Math.cos(t + 0.3) - 0.2],
  ['cm2', (t) => Math.cos(0.9 * t + 0.4) - 0.15],
]
const margins: fc.Arbitrary<Margins> = fc.record({
  m1: fc.oneof(fc.constant(1), fc.double({ min: 0.5, max: 2, noNaN: true })),
  m2: fc.double({ min: 0, max: 1.5, noNaN: true }),
  m3: fc.double({ min: 0, max: 1, noNaN: true }),
})
const theta = fc.double({ min: 0, max: Math.PI, noNaN: true })

describe('targetLogit', () => {
  it.each(formulas)('%s is its formula from 20 to 100 degrees, figure 4', (name, formula) => {
    for (const angle of spaced(radians(20), radians(100), 81))
      expect(targetLogit(angle, namedMargins[name])).toBeCloseTo(formula(angle), 14)
  })

  it("goes on beyond pi on InsightFace's line: cos(theta) - m sin(pi - m)", () => {
    const turn = Math.PI - 0.5
    expect(turningAngle(namedMargins.arcface)).toBe(turn)
    expect(targetLogit(turn - 1e-9, namedMargins.arcface)).toBeCloseTo(-1, 9)
    for (const angle of [turn, 2.9, Math.PI])
      expect(targetLogit(angle, namedMargins.arcface)).toBeCloseTo(
        Math.cos(angle) - 0.5 * Math.sin(Math.PI - 0.5),
        14,
      )
  })

  it('goes on from -1 without a step where angles are multiplied', () => {
    const turn = Math.PI / 1.35
    for (const angle of [turn - 1e-9, turn])
      expect(targetLogit(angle, namedMargins.sphereface)).toBeCloseTo(-1, 8)
    expect(targetLogit(Math.PI, namedMargins.sphereface)).toBeCloseTo(-2 - Math.cos(turn), 14)
  })

  it('falls as the angle grows, whatever the margins', () => {
    fc.assert(
      fc.property(margins, theta, theta, (given, a, b) => {
        fc.pre(Math.abs(a - b) > 1e-6)
        const [near, far] = [Math.min(a, b), Math.max(a, b)]
        expect(targetLogit(far, given)).toBeLessThanOrEqual(targetLogit(near, given))
      }),
    )
  })
})

describe('targetSlope', () => {
  it('is the numeric derivative by the angle', () => {
    fc.assert(
      fc.property(margins, theta, (given, angle) => {
        // Where the pieces meet there is none.
        fc.pre(Math.abs(angle - turningAngle(given)) > 1e-3)
        const step = 1e-6
        const numeric =
          (targetLogit(angle + step, given) - targetLogit(angle - step, given)) / (2 * step)
        expect(targetSlope(angle, given)).toBeCloseTo(numeric, 8)
      }),
    )
  })

  it('straight-through is that of the cosine without a margin', () => {
    fc.assert(
      fc.property(margins, theta, (given, angle) => {
        expect(targetSlope(angle, given, 'straight-through')).toBe(-Math.sin(angle))
      }),
    )
  })

  it('does not vanish at the centre under ArcFace, and does under CosFace: sin(theta + m) / sin(theta)', () => {
    expect(targetSlope(0, namedMargins.arcface)).toBeCloseTo(-Math.sin(0.5), 14)
    expect(targetSlope(0, namedMargins.cosface)).toBeCloseTo(0, 14)
    const angle = 0.7
    expect(
      targetSlope(angle, namedMargins.arcface) / targetSlope(angle, namedMargins.cosface),
    ).toBeCloseTo(Math.sin(angle + 0.5) / Math.sin(angle), 12)
  })
})
