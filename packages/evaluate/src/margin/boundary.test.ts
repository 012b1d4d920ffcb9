import { describe, expect, it } from 'vitest'
import { degrees, radians, spaced } from './angles.js'
import { boundaryAngles, boundaryGaps, boundaryHolders, marginAdvantage } from './boundary.js'
import { namedMargins } from './margins.js'

type Name = keyof typeof namedMargins
const of = (name: Name) => marginAdvantage(namedMargins[name])

/** Figure 5: cos(other) = target logit of own, solved by hand. */
const formulas: [Name, (theta: number) => number][] = [
  ['norm-softmax', (t) => t],
  ['sphereface', (t) => 1.35 * t],
  ['cosface', (t) => Math.acos(Math.cos(t) - 0.35)],
  ['arcface', (t) => t + 0.5],
  ['cm1', (t) => Math.acos(Math.cos(t + 0.3) - 0.2)],
  ['cm2', (t) => Math.acos(Math.cos(0.9 * t + 0.4) - 0.15)],
]

describe('two classes', () => {
  it.each(formulas)('%s has its boundary by the angles, figure 5', (name, formula) => {
    const own = spaced(0, Math.PI, 91)
    const other = boundaryAngles(of(name), own)
    own.forEach((theta, i) => {
      const expected = formula(theta)
      if (expected < Math.PI - 0.01) expect(other[i]).toBeCloseTo(expected, 7)
      if (!(expected <= Math.PI)) expect(other[i]).toBeNaN()
    })
  })

  it('leaves a gap between the centres: none, the margin itself, a share, or one that hangs on the centres', () => {
    const between = [20, 60, 90, 180].map(radians)
    const gap = (name: Name) => boundaryGaps(of(name), Float64Array.from(between))
    between.forEach((angle, i) => {
      expect(gap('norm-softmax')[i]).toBeCloseTo(0, 7)
      expect(gap('arcface')[i]).toBeCloseTo(Math.min(0.5, angle), 7)
      expect(gap('sphereface')[i]).toBeCloseTo(angle * (1 - 2 / 2.35), 7)
    })
    // cos(a) - cos(b - a) = 0.35 is 2 sin(b / 2) sin(gap / 2) = 0.35.
    const [, at60, at90, at180] = gap('cosface')
    const cosface = (between: number) => 2 * Math.asin(0.35 / (2 * Math.sin(radians(between) / 2)))
    expect([at60, at90, at180].map((one) => degrees(one!).toFixed(4))).toEqual(
      [60, 90, 180].map((one) => degrees(cosface(one)).toFixed(4)),
    )
  })

  it('holds a centre each, and neither the middle where there is a margin', () => {
    const first = Float64Array.of(0, Math.PI / 2, Math.PI / 4)
    const second = Float64Array.of(Math.PI / 2, 0, Math.PI / 4)
    expect([...boundaryHolders(of('arcface'), first, second)]).toEqual([1, 2, 0])
    expect([...boundaryHolders(of('norm-softmax'), first, second)]).toEqual([1, 2, 1])
  })
})
