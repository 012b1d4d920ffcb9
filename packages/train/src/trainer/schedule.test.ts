import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learningRate, marginAt } from './schedule.js'

describe('learning rate', () => {
  it('is arcface_torch: (i + 1) / w in the warm-up, then lr (1 - (i - w) / (n - w))^p', () => {
    const schedule = { lr: 0.1, warmup: 0.1, decayPower: 2 }
    expect(learningRate(0, 100, schedule)).toBeCloseTo(0.01, 12)
    expect(learningRate(9, 100, schedule)).toBeCloseTo(0.1, 12)
    expect(learningRate(10, 100, schedule)).toBeCloseTo(0.1, 12)
    expect(learningRate(55, 100, schedule)).toBeCloseTo(0.1 * 0.5 ** 2, 12)
    expect(learningRate(99, 100, schedule)).toBeCloseTo(0.1 * (1 / 90) ** 2, 12)
  })

  it('is positive and at most lr at every step, whatever the settings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (total, warmup, decayPower, at) => {
          const rate = learningRate(Math.floor(at * total), total, { lr: 0.1, warmup, decayPower })
          expect(rate).toBeGreaterThan(0)
          expect(rate).toBeLessThanOrEqual(0.1 * (1 + 1e-12))
        },
      ),
    )
  })
})

describe('margin', () => {
  it('grows linearly over the warm-up and stays', () => {
    const loss = { margin: 0.5, marginWarmup: 0.5 }
    expect([0, 25, 50, 99].map((step) => marginAt(step, 100, loss))).toEqual([0, 0.25, 0.5, 0.5])
    expect(marginAt(0, 100, { margin: 0.5, marginWarmup: 0 })).toBe(0.5)
  })
})
