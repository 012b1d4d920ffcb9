import type { Margins } from '@arcface/evaluate'
import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { golden, type HeadCase } from '../testing/goldens.js'
import {
  allFinite,
  awkwardCases,
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  length,
  lossCases,
  mean,
  ordinary,
  runLoss,
} from '../testing/losses.js'
import { createLoss } from './index.js'
import { UnifiedMargin } from './unified.js'

const shape = { classes: 5, dim: 4 }
const build = (margins: Margins, options: Partial<UnifiedMarginSettings> = {}, of = shape) =>
  new UnifiedMargin(of, { scale: 8, ...margins, ...options })
type UnifiedMarginSettings = ConstructorParameters<typeof UnifiedMargin>[1]
const arc = (m2: number): Margins => ({ m1: 1, m2, m3: 0 })

/** The paper's formula in float64: what takes the place of the target's cosine. */
function target(cosine: number, { m1, m2, m3 }: Margins): number {
  const theta = m1 * Math.acos(Math.min(Math.max(cosine, -1), 1)) + m2
  if (theta < Math.PI) return Math.cos(theta) - m3
  return m1 === 1 ? cosine - m2 * Math.sin(Math.PI - m2) - m3 : cosine - 1 - edge(m1, m2) - m3
}
/** The cosine at which m1 theta + m2 is pi. */
const edge = (m1: number, m2: number) => Math.cos((Math.PI - m2) / m1)

const formula =
  (margins: Margins, scale = 8) =>
  ({ embeddings, weight, labels }: LossCase): number =>
    mean(
      embeddings.map((x, i) => {
        const cosines = weight.map((w) => cosineOf(x, w))
        const label = labels[i]!
        const logits = cosines.map((c, j) => scale * (j === label ? target(c, margins) : c))
        return crossEntropy(logits, label)
      }),
    )

const named: [string, Margins][] = [
  ['norm-softmax', { m1: 1, m2: 0, m3: 0 }],
  ['arcface', { m1: 1, m2: 0.5, m3: 0 }],
  ['cosface', { m1: 1, m2: 0, m3: 0.35 }],
  ['sphereface', { m1: 1.35, m2: 0, m3: 0 }],
  ['cm1', { m1: 1, m2: 0.3, m3: 0.2 }],
  ['cm2', { m1: 0.9, m2: 0.4, m3: 0.15 }],
]

describe.each(named)('%s %o', (name, margins) => {
  it('is the formula of the paper', () => {
    fc.assert(
      fc.property(lossCases(ordinary), (given) => {
        const expected = formula(margins, 64)(given)
        for (const loss of [createLoss({ name }, shape), build(margins, { scale: 64 })])
          expect(Math.abs(runLoss(loss, given).value - expected)).toBeLessThan(
            1e-6 * expected + 1e-9,
          )
      }),
      { numRuns: 50 },
    )
  })

  it('has the gradient of its own value', () => {
    fc.assert(
      fc.property(lossCases(ordinary), (given) => {
        const at = given.embeddings.map((x, i) => cosineOf(x, given.weight[given.labels[i]!]!))
        const { m1, m2 } = margins
        // Where the pieces meet, and at theta = 0, there is no derivative to compare with.
        fc.pre(at.every((t) => Math.abs(t - edge(m1, m2)) > 1e-3 && Math.abs(t) < 0.999))
        expectGradient(runLoss(build(margins), given), given, formula(margins))
      }),
      { numRuns: 30 },
    )
  })

  it('falls as theta grows, up to pi', () => {
    const angles = Array.from({ length: 361 }, (_, i) => (i * Math.PI) / 360)
    scope(() => {
      const loss = build(margins, { scale: 64 }, { classes: 1, dim: 2 })
      noGrad(() => ops.copy_(loss.weight, tensor([1, 0], [1, 2])))
      const circle = angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])
      const labels = ops.zeros([angles.length], 'int64')
      const logits = loss.logits(tensor(circle, [angles.length, 2]), labels).toFloat32Array()
      for (let i = 1; i < logits.length; i++) expect(logits[i]).toBeLessThan(logits[i - 1]!)
      loss.dispose()
    })
  })
})

describe("ArcFace equals PyTorch's autograd in float64", () => {
  const { cases } = golden<{ cases: HeadCase[] }>('arcface')
  const close = (found: number[], expected: number[], tolerance: number) => {
    const error = length(found.map((value, i) => value - expected[i]!))
    expect(error).toBeLessThanOrEqual(tolerance * length(expected) + 1e-12)
  }
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const of = { classes: one.weight.length, dim: one.weight[0]!.length }
    for (const [dtype, value, gradient] of [
      ['float64', 1e-9, 1e-9],
      // The gradient divides the rounding of a cosine by theta^2, and theta is small in one case.
      ['float32', 2e-5, 3e-4],
    ] as const) {
      const found = runLoss(build(arc(one.margin), { scale: one.scale }, of), one, { dtype })
      expect(Math.abs(found.value / one.loss - 1)).toBeLessThan(value)
      one.embeddingGradient.forEach((row, i) => {
        if (row) close(found.embeddingGradient[i]!, row, gradient)
      })
      one.weightGradient.forEach((row, i) => {
        if (row) close(found.weightGradient[i]!, row, gradient)
      })
    }
  })
})

describe('UnifiedMargin', () => {
  it('at (1, 0, 0) is Norm-Softmax bit for bit, and so is any margin before its warm-up', () => {
    fc.assert(
      fc.property(lossCases(ordinary), fc.constantFrom(...named), (given, [name]) => {
        const norm = runLoss(createLoss({ name: 'norm-softmax' }, shape), given, {
          dtype: 'float32',
        })
        const none = createLoss({ name: 'unified', m1: 1, m2: 0, m3: 0 }, shape)
        const cold = createLoss({ name }, shape)
        cold.schedule({ step: 0, marginShare: 0, scale: null })
        for (const loss of [none, cold])
          expect(runLoss(loss, given, { dtype: 'float32' })).toEqual(norm)
      }),
      { numRuns: 20 },
    )
  })

  it('takes share of the margin and scale from the schedule', () => {
    fc.assert(
      fc.property(lossCases(ordinary), (given) => {
        const loss = build({ m1: 1.2, m2: 0.4, m3: 0.2 }, { scale: 64 })
        loss.schedule({ step: 7, marginShare: 0.5, scale: 16 })
        const expected = formula({ m1: 1.1, m2: 0.2, m3: 0.1 }, 16)(given)
        expect(runLoss(loss, given).value).toBeCloseTo(expected, 6)
      }),
      { numRuns: 20 },
    )
  })

  it('straight-through: the same value, the gradient of a constant margin', () => {
    fc.assert(
      fc.property(lossCases(ordinary, { count: 1 }), (given) => {
        const margins = { m1: 1.1, m2: 0.4, m3: 0.1 }
        const truth = runLoss(build(margins), given)
        const straight = runLoss(build(margins, { gradient: 'straight-through' }), given)
        expect(straight.value).toBe(truth.value)
        // The formula with the change that the margin made held fixed.
        const label = given.labels[0]!
        const at = (one: LossCase) => cosineOf(one.embeddings[0]!, one.weight[label]!)
        const change = target(at(given), margins) - at(given)
        expectGradient(straight, given, formula({ m1: 1, m2: 0, m3: -change }))
      }),
      { numRuns: 30 },
    )
  })

  it('leaves out other centres above the filter, in value and gradient', () => {
    const given = {
      embeddings: [[1, 0, 0, 0]],
      weight: [
        [1, 1, 0, 0],
        [1, 0.1, 0, 0],
        [0, 0, 1, 0],
        [1, 2, 0, 0],
        [0, 1, 0, 0],
      ],
      labels: [0],
    }
    const found = runLoss(build(arc(0.5), { interclassFilter: 0.6 }), given)
    // Of the others only the second is nearer than 0.6: its cosine counts as 0.
    const filtered = structuredClone(given)
    filtered.weight[1] = [0, 0, 0, 1]
    expect(found.value).toBeCloseTo(formula(arc(0.5))(filtered), 9)
    expect(found.weightGradient[1]).toEqual([0, 0, 0, 0])
  })

  it('is finite for every finite float32 input, whatever margin and gradient', () => {
    fc.assert(
      fc.property(
        awkwardCases(),
        fc.constantFrom(arc(3), { m1: 4, m2: 0, m3: 0 }, { m1: 0.5, m2: 1, m3: 1.9 }),
        fc.constantFrom('true', 'straight-through'),
        (given, margins, gradient) => {
          const loss = build(margins, { scale: 64, gradient })
          expect(allFinite(runLoss(loss, given, { dtype: 'float32' }))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('an embedding on its centre has a bounded pull', () => {
    const weight = [
      [0.3, -0.5, 0.7, 0.2],
      [0.9, 0.1, -0.4, 0.3],
    ].map((w) => w.map(Math.fround))
    for (const factor of [1, 1 + 2 ** -20, 3, 1e-5]) {
      const embeddings = [weight[0]!.map((w) => Math.fround(w * factor))]
      const loss = build(arc(0.5), { scale: 64 }, { classes: 2, dim: 4 })
      const found = runLoss(loss, { embeddings, weight, labels: [0] }, { dtype: 'float32' })
      // s |d cos(theta + m)/d theta| is at most s, and so is the pull of the other centre.
      expect(length(found.embeddingGradient[0]!) * length(embeddings[0]!)).toBeLessThan(2 * 64)
    }
  })
})
