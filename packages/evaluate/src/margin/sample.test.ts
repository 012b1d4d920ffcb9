import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namedMargins } from './margins.js'
import { type SampleOptions, sampleLoss } from './sample.js'
import { targetLogit } from './target.js'

const angle = fc.double({ min: 0.01, max: 2.5, noNaN: true })
const samples: fc.Arbitrary<SampleOptions> = fc.record({
  theta: angle,
  other: angle,
  classes: fc.integer({ min: 2, max: 1000 }),
  scale: fc.double({ min: 1, max: 20, noNaN: true }),
  margins: fc.constantFrom(...Object.values(namedMargins)),
})

describe('sampleLoss', () => {
  it('is the cross-entropy of all logits, written out', () => {
    fc.assert(
      fc.property(samples, (given) => {
        const { theta, other, classes, scale, margins } = given
        const own = Math.exp(scale * targetLogit(theta, margins))
        let sum = own
        for (let j = 1; j < classes; j++) sum += Math.exp(scale * Math.cos(other))
        const { probability, loss } = sampleLoss(given)
        expect(probability).toBeCloseTo(own / sum, 10)
        expect(loss).toBeCloseTo(-Math.log(own / sum), 8)
      }),
    )
  })

  it('has the numeric derivatives of its loss, by its logit and by theta', () => {
    fc.assert(
      fc.property(samples, (given) => {
        const at = (theta: number) => sampleLoss({ ...given, theta })
        const step = 1e-5
        const [less, more] = [at(given.theta - step), at(given.theta + step)]
        const found = at(given.theta)
        const near = (numeric: number, value: number) =>
          expect(Math.abs(numeric - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)))
        near((more.loss - less.loss) / (2 * step), found.byTheta)
        fc.pre(Math.abs(more.logit - less.logit) > 1e-7)
        near((more.loss - less.loss) / (more.logit - less.logit), found.byLogit)
      }),
    )
  })

  it('keeps its digits where the loss is next to nothing or next to all', () => {
    const at = (theta: number) =>
      sampleLoss({
        theta,
        other: Math.PI / 2,
        classes: 2,
        scale: 64,
        margins: namedMargins.arcface,
      })
    // log(1 + e^-x) is e^-x there, and so is 1 - p.
    const near = Math.exp(-64 * Math.cos(0.5))
    expect(at(0).loss / near).toBeCloseTo(1, 9)
    expect(at(0).byLogit / -near).toBeCloseTo(1, 9)
    expect(at(Math.PI).loss).toBeCloseTo(64 * (1 + 0.5 * Math.sin(Math.PI - 0.5)), 9)
    expect(at(Math.PI).byLogit).toBe(-1)
  })

  it('has the least loss that a scale allows among many classes, even on the centre', () => {
    // NormFace (arXiv 1704.06369), section 3.3: with s = 1 the probability cannot come near 1.
    const at = (scale: number) =>
      sampleLoss({
        theta: 0,
        other: Math.PI / 2,
        classes: 10_572,
        scale,
        margins: namedMargins['norm-softmax'],
      }).probability
    expect(at(1)).toBeCloseTo(Math.E / (Math.E + 10_571), 12)
    expect(at(64)).toBeGreaterThan(1 - 1e-12)
  })
})
