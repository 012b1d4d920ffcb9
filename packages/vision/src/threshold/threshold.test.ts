import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choosePersonThreshold, chooseSearchThreshold, chooseThreshold } from './threshold.js'

const source = 'pairs of somebody'
const old = { source, cosine: { '1e-3': 0.5, '0.01': 0.4 } }
const known = {
  source,
  cosine: { '1e-1': 0.1, '1e-2': 0.2, '1e-3': 0.3, '1e-4': 0.4 },
  impostors: { pairs: 1e6, people: 100, smallestFar: 1e-4 },
}
const use = expect.objectContaining({ code: 'VISION_USE' })

describe('chooseThreshold', () => {
  it.each([
    [old, {}, { threshold: 0.5, far: 0.001, source, warning: null }],
    [old, { far: 0.01 }, { threshold: 0.4, far: 0.01, source, warning: null }],
    [known, {}, { threshold: 0.3, far: 0.001, source, warning: null }],
    [known, { threshold: 0.1 }, { threshold: 0.1, far: null, source: null, warning: null }],
  ])('%s with %s', (thresholds, given, expected) => {
    expect(chooseThreshold(thresholds, given)).toEqual(expected)
  })

  it('interpolates in the logarithm of the FAR', () => {
    const { threshold, far } = chooseThreshold(known, { far: 10 ** -2.5 })
    expect(threshold).toBeCloseTo(0.25, 12)
    expect(far).toBe(10 ** -2.5)
  })

  it('claims no FAR that was not measured, and says so', () => {
    const { threshold, far, warning } = chooseThreshold(known, { far: 1e-6 })
    expect(threshold).toBeCloseTo(0.6, 12) // the line goes on
    expect(far).toBe(1e-4)
    expect(warning).toMatch(
      /FAR 1e-6 was not measured: pairs of somebody bear out no FAR below 1e-4/,
    )
  })

  it('gives no verdict without thresholds, and says why', () => {
    for (const thresholds of [undefined, { source, cosine: {} }])
      expect(chooseThreshold(thresholds, {})).toEqual({
        threshold: null,
        far: null,
        source: null,
        warning: expect.stringMatching(/names no threshold.*`measureThresholds`/),
      })
    expect(() => chooseThreshold(undefined, { far: 1e-3 })).toThrow(use)
  })
})

describe('chooseSearchThreshold', () => {
  it('is that of a comparison where one face is searched', () => {
    const found = chooseSearchThreshold(known, {}, 1)
    expect(found).toMatchObject({ fpir: 0.01, source, warning: null })
    expect(found.threshold).toBeCloseTo(0.2, 10)
    expect(found.far).toBeCloseTo(0.01, 12)
  })

  it.each([
    // 1 - (1 - FPIR)^(1 / faces): of 10 faces 1.0045e-3, of 100 1.0050e-4.
    [10, 0.01, 0.2998, 1.0045e-3],
    [100, 0.01, 0.3998, 1.005e-4],
    [100, 0.1, 0.2978, 1.053e-3],
  ])('rises with the faces searched: %d at FPIR %d', (faces, fpir, threshold, far) => {
    const found = chooseSearchThreshold(known, { fpir }, faces)
    expect(found.threshold).toBeCloseTo(threshold, 4)
    expect(found.far! / far).toBeCloseTo(1, 3)
    expect(found).toMatchObject({ fpir, warning: null })
  })

  it('says which FPIR a FAR of one comparison comes to', () => {
    const found = chooseSearchThreshold(known, { far: 1e-3 }, 200)
    expect(found).toMatchObject({ threshold: 0.3, far: 1e-3, warning: null })
    expect(found.fpir).toBeCloseTo(1 - 0.999 ** 200, 12)
  })

  it('is extrapolated beyond what was measured, and claims only that', () => {
    const found = chooseSearchThreshold(known, {}, 10_000)
    expect(found.threshold).toBeCloseTo(0.4 + 0.1 * Math.log10(1e-4 / 1.00503e-6), 4)
    expect(found.far).toBe(1e-4)
    expect(found.fpir).toBeCloseTo(1 - (1 - 1e-4) ** 10_000, 9)
    expect(found.warning).toMatch(
      /FPIR 0.01 among 10000 faces, FAR 1e-6 a comparison, was not.*FPIR 0.63 among 10000 faces.*extrapolated/,
    )
  })

  it('takes the cosine given as it is, and names nobody without thresholds', () => {
    expect(chooseSearchThreshold(known, { threshold: 0.7 }, 100)).toEqual({
      threshold: 0.7,
      far: null,
      fpir: null,
      source: null,
      warning: null,
    })
    expect(chooseSearchThreshold(undefined, {}, 100)).toMatchObject({ threshold: null, fpir: null })
    expect(() => chooseSearchThreshold(undefined, { fpir: 0.01 }, 100)).toThrow(use)
  })

  it('never falls as a gallery grows', () => {
    const faces = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(faces, faces, fc.double({ min: 1e-6, max: 0.5, noNaN: true }), (a, b, fpir) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map(
          (n) => chooseSearchThreshold(known, { fpir }, n).threshold!,
        )
        expect(large).toBeGreaterThanOrEqual(small! - 1e-12)
      }),
    )
  })
})

it.each([
  { threshold: Number.NaN },
  { threshold: 2 },
  { threshold: '0.4' as unknown as number },
  { threshold: null as unknown as number },
  { far: 0 },
  { far: 1 },
  { far: Number.NaN },
  { fpir: 1.5 },
  { fpir: -1 },
  { far: 0.1, threshold: 0.4 },
  { far: 0.1, fpir: 0.1 },
  { fpir: 0.1, threshold: 0.4 },
])('refuses %s', (options) => {
  expect(() => chooseSearchThreshold(known, options, 10)).toThrow(use)
  if (!('fpir' in options)) expect(() => chooseThreshold(known, options)).toThrow(use)
})

describe('what is no decision', () => {
  const single = { source, cosine: { '1e-3': 0.3 } }

  it('a single threshold is not used where it is not small enough', () => {
    expect(chooseSearchThreshold(single, {}, 5)).toMatchObject({ threshold: 0.3, warning: null })
    expect(chooseSearchThreshold(single, {}, 1000)).toMatchObject({
      threshold: null,
      warning: expect.stringMatching(/at FAR 1e-3 only.*nobody is called the same/),
    })
    expect(() => chooseThreshold(single, { far: 1e-5 })).toThrow(/at FAR 1e-3 only.*FAR 0\.00001/)
  })

  it.each([[{ treshold: 0.4 }], [null], ['0.4'], [{ far: '1e-3' }], [{ flip: true }]])(
    'options %o',
    (options) => {
      expect(() => chooseThreshold(known, options as never)).toThrow(use)
      expect(() => chooseSearchThreshold(known, options as never, 9)).toThrow(use)
    },
  )

  it.each([-1, 1.5, Number.NaN, Infinity, null, '9', undefined])('%s faces searched', (faces) => {
    expect(() => chooseSearchThreshold(known, {}, faces as never)).toThrow(use)
  })
})

describe('choosePersonThreshold', () => {
  it('keeps the FAR of the verdict, whatever the number of faces', () => {
    // 0.001 is what ten comparisons at 1 - 0.999^(1/10) come to; the cosine rises by 0.1 a decade.
    const each = 1 - 0.999 ** (1 / 10)
    const { threshold, ...rest } = choosePersonThreshold(known, {}, 10)
    expect(threshold).toBeCloseTo(0.3 + 0.1 * Math.log10(1e-3 / each), 9)
    expect(rest).toEqual({ far: 1e-3, source, warning: null })
    expect(choosePersonThreshold(known, {}, 1).threshold).toBeCloseTo(0.3, 9)
    const many = choosePersonThreshold(known, { far: 1e-3 }, 100)
    expect(many.far).toBeCloseTo(1 - (1 - 1e-4) ** 100, 12)
    expect(many.warning).toMatch(/FAR 0.001 of the best of 100 faces was not measured/)
  })

  it('takes the cosine given, and gives no verdict without thresholds', () => {
    expect(choosePersonThreshold(known, { threshold: 0.1 }, 9).threshold).toBe(0.1)
    expect(choosePersonThreshold(undefined, {}, 9)).toMatchObject({ threshold: null })
    const single = { source, cosine: { '1e-3': 0.3 } }
    expect(choosePersonThreshold(single, {}, 9)).toMatchObject({ threshold: null })
  })
})
