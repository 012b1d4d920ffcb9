import { namedMargins, radians } from '@arcface/evaluate'
import { describe, expect, it } from 'vitest'
import * as curves from './curves.js'
import { FIRST, PRESETS, presetOf, toDegrees } from './settings.js'

const at = (values: ArrayLike<number | null>, degree: number) => values[degree * 2]!

describe('curves', () => {
  it('are the formulas of the paper by degrees', () => {
    const theta = radians(60)
    expect(at(curves.targetCurve(namedMargins.arcface), 60)).toBeCloseTo(Math.cos(theta + 0.5), 12)
    expect(at(curves.targetCurve(namedMargins.cosface), 60)).toBeCloseTo(0.5 - 0.35, 12)
    expect(at(curves.slopeCurve(namedMargins.arcface, 'true'), 60)).toBeCloseTo(
      Math.sin(theta + 0.5),
      12,
    )
    expect(at(curves.slopeCurve(namedMargins.arcface, 'straight-through'), 60)).toBeCloseTo(
      Math.sin(theta),
      12,
    )
  })

  it("the margin in angle is constant under ArcFace only; CosFace's is least about 90 degrees: 2 asin(m / 2)", () => {
    const arc = curves.widthCurve(namedMargins.arcface)
    for (const degree of [0, 30, 90, 150]) expect(at(arc, degree)).toBeCloseTo(28.6479, 3)
    expect(at(arc, 170)).toBeNull()
    const cos = curves.widthCurve(namedMargins.cosface).filter((one) => one !== null)
    expect(Math.min(...cos)).toBeCloseTo((2 * Math.asin(0.175) * 180) / Math.PI, 2)
    expect(cos[0]).toBeCloseTo((Math.acos(0.65) * 180) / Math.PI, 4)
  })

  it('a probability on the centre needs the scale that is said', () => {
    for (const { name } of PRESETS) {
      const given = curves.under(FIRST, name)
      const scale = curves.scaleFor(given, 0.999)
      expect(curves.highest({ ...given, scale })).toBeCloseTo(0.999, 9)
    }
    const near = { ...FIRST, other: radians(20) }
    expect(curves.scaleFor(near, 0.999)).toBe(Number.POSITIVE_INFINITY)
  })

  it('the loss stops pulling on the centre without an angular margin, and the probability falls with the angle', () => {
    const few = { ...FIRST, scale: 4, classes: 8 }
    expect(at(curves.pullCurve(curves.under(few, 'cosface')), 0)).toBeCloseTo(0, 12)
    expect(at(curves.pullCurve(few), 0)).toBeGreaterThan(0.1)
    const falls = curves.probabilityCurve(few)
    falls.slice(1).forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(falls[i]!)
    })
  })
})

describe('presets', () => {
  it('are found by their margins', () => {
    for (const { name } of PRESETS) expect(presetOf(namedMargins[name])).toBe(name)
    expect(presetOf({ m1: 1, m2: 0.51, m3: 0 })).toBeUndefined()
    expect(toDegrees(radians(60))).toBe(60)
  })
})
