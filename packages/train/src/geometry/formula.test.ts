import {
  type MarginGradient,
  type Margins,
  namedMargins,
  sampleLoss,
  targetLogit,
} from '@arcface/evaluate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoss } from '../losses/index.js'
import { dot, runLoss } from '../testing/losses.js'
import { LogitProbe } from './probe.js'

// The formulas that pages draw from are those of the trainer's losses.

const COUNT = 60
const angles = Float64Array.from({ length: COUNT }, (_, i) => (Math.PI * (i + 0.5)) / COUNT)

const margins: fc.Arbitrary<Margins> = fc.record({
  m1: fc.oneof(fc.constant(1), fc.double({ min: 0.3, max: 4, noNaN: true })),
  m2: fc.double({ min: 0, max: 3, noNaN: true }),
  m3: fc.double({ min: 0, max: 1.9, noNaN: true }),
})

describe('targetLogit', () => {
  it.each(Object.entries(namedMargins))('is the logit of %s', (name, given) => {
    const probe = new LogitProbe({ label: name, loss: { name } }, COUNT)
    const { own } = probe.at(angles, angles)
    probe.dispose()
    own.forEach((logit, i) => {
      expect(targetLogit(angles[i]!, given)).toBeCloseTo(logit, 12)
    })
  })

  it('does not turn where m1 theta + m2 stays below pi', () => {
    const given = { m1: 0.9, m2: 0.1, m3: 0 }
    const probe = new LogitProbe({ label: '', loss: { name: 'unified', ...given } }, COUNT)
    const { own } = probe.at(angles, angles)
    probe.dispose()
    own.forEach((logit, i) => {
      expect(logit).toBeCloseTo(Math.cos(0.9 * angles[i]! + 0.1), 12)
      expect(targetLogit(angles[i]!, given)).toBeCloseTo(logit, 12)
    })
  })

  it('is the logit of every unified margin, beyond pi too', () => {
    fc.assert(
      fc.property(margins, (given) => {
        const probe = new LogitProbe({ label: '', loss: { name: 'unified', ...given } }, COUNT)
        const { own } = probe.at(angles, angles)
        probe.dispose()
        own.forEach((logit, i) => {
          expect(targetLogit(angles[i]!, given)).toBeCloseTo(logit, 9)
        })
      }),
      { numRuns: 100 },
    )
  })
})

describe('sampleLoss', () => {
  /** All others stand upright on the way that the sample goes, so that it keeps its angle to them. */
  const trained = (
    {
      theta,
      other,
      classes,
      scale,
    }: { theta: number; other: number; classes: number; scale: number },
    given: Margins,
    gradient: MarginGradient,
  ) => {
    const x = [Math.cos(theta), Math.sin(theta), 0]
    const away = [...x.map((one) => one * Math.cos(other)).slice(0, 2), Math.sin(other)]
    const weight = [[1, 0, 0], ...Array.from({ length: classes - 1 }, () => away)]
    const loss = createLoss({ name: 'unified', ...given, scale, gradient }, { classes, dim: 3 })
    const found = runLoss(loss, { embeddings: [x], weight, labels: [0] })
    const along = [-Math.sin(theta), Math.cos(theta), 0]
    return { loss: found.value, byTheta: dot(found.embeddingGradient[0]!, along) }
  }

  it('is value and gradient of the loss that is trained, along the arc to the centre', () => {
    const sample = fc.record({
      theta: fc.constantFrom(...angles),
      other: fc.double({ min: 0.1, max: 3, noNaN: true }),
      classes: fc.integer({ min: 2, max: 12 }),
      scale: fc.double({ min: 1, max: 64, noNaN: true }),
    })
    const gradients = fc.constantFrom<MarginGradient>('true', 'straight-through')
    fc.assert(
      fc.property(sample, margins, gradients, (given, margins, gradient) => {
        const expected = trained(given, margins, gradient)
        const found = sampleLoss({ ...given, margins, gradient })
        expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-7 * (1 + expected.loss))
        expect(Math.abs(found.byTheta - expected.byTheta)).toBeLessThan(1e-5 * given.scale)
      }),
      { numRuns: 150 },
    )
  })
})
