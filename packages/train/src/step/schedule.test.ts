import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { learningRate, momentAt } from './schedule.js'

const defaults = {
  lr: 0.1,
  momentum: 0.9,
  weightDecay: 0,
  decayAll: true,
  warmup: 0,
  schedule: 'polynomial',
  decayPower: 1,
  clipNorm: 5,
} as const

describe('learning rate', () => {
  it('is arcface_torch: (i + 1) / w in the warm-up, then lr (1 - (i - w) / (n - w))^p', () => {
    const schedule = { ...defaults, lr: 0.1, warmup: 0.1, decayPower: 2 }
    expect(learningRate(0, 100, schedule)).toBeCloseTo(0.01, 12)
    expect(learningRate(9, 100, schedule)).toBeCloseTo(0.1, 12)
    expect(learningRate(10, 100, schedule)).toBeCloseTo(0.1, 12)
    expect(learningRate(55, 100, schedule)).toBeCloseTo(0.1 * 0.5 ** 2, 12)
    expect(learningRate(99, 100, schedule)).toBeCloseTo(0.1 * (1 / 90) ** 2, 12)
  })

  it('falls as half a cosine', () => {
    const schedule = { ...defaults, schedule: 'cosine', warmup: 0.5 } as const
    expect(learningRate(50, 100, schedule)).toBeCloseTo(0.1, 12)
    expect(learningRate(75, 100, schedule)).toBeCloseTo(0.05, 12)
    expect(learningRate(99, 100, schedule)).toBeCloseTo(0.05 * (1 - Math.cos(Math.PI / 50)), 12)
  })

  it('is positive and at most lr at every step, whatever the settings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.constantFrom('polynomial', 'cosine'),
        (total, warmup, decayPower, at, schedule) => {
          const rate = learningRate(Math.floor(at * total), total, {
            ...defaults,
            schedule,
            warmup,
            decayPower,
          })
          expect(rate).toBeGreaterThan(0)
          expect(rate).toBeLessThanOrEqual(0.1 * (1 + 1e-12))
        },
      ),
    )
  })
})

describe('momentAt', () => {
  it('lets the margin grow linearly over its warm-up', () => {
    const loss = { name: 'arcface', marginWarmup: 0.5, scaleWarmup: null }
    const shares = [0, 25, 50, 99].map((step) => momentAt(step, 100, loss).marginShare)
    expect(shares).toEqual([0, 0.5, 1, 1])
    expect(momentAt(0, 100, { ...loss, marginWarmup: 0 })).toEqual({
      step: 0,
      marginShare: 1,
      scale: null,
    })
  })

  it('lets the scale grow from another', () => {
    const loss = {
      name: 'arcface',
      scale: 64,
      marginWarmup: 0,
      scaleWarmup: { from: 16, over: 0.5 },
    }
    const scales = [0, 25, 50, 99].map((step) => momentAt(step, 100, loss).scale)
    expect(scales).toEqual([16, 40, 64, 64])
    expect(momentAt(0, 100, { ...loss, scale: undefined }).scale).toBeNull()
  })
})
