import { manualSeed, noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mean, runLoss, scatteredCases } from '../testing/losses.js'
import { ElasticFace } from './elasticface.js'
import { createLoss } from './index.js'

const shape = { classes: 5, dim: 4 }

describe.each([
  ['arc', 'arcface', 0.5],
  ['cos', 'cosface', 0.35],
] as const)('ElasticFace, %s', (variant, name, margin) => {
  it(`without deviation is ${name}, value and gradient`, () => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const plain = runLoss(createLoss({ name }, shape), given)
        const found = runLoss(
          createLoss({ name: 'elasticface', variant, deviation: 0 }, shape),
          given,
        )
        expect(found.value).toBeCloseTo(plain.value, 9)
        found.embeddingGradient.flat().forEach((value, i) => {
          expect(value).toBeCloseTo(plain.embeddingGradient.flat()[i]!, 7)
        })
      }),
      { numRuns: 10 },
    )
  })

  it('draws a margin a sample from N(m, sigma)', () => {
    scope(() => {
      manualSeed(7)
      const count = 4000
      const loss = new ElasticFace(
        { classes: 1, dim: 2 },
        { scale: 1, variant, margin, deviation: 0.1 },
      )
      noGrad(() => ops.copy_(loss.weight, tensor([1, 0], [1, 2])))
      const x = tensor(Array.from({ length: count }, () => [0, 1]).flat(), [count, 2])
      const logits = loss.logits(x, ops.zeros([count], 'int64')).toFloat32Array()
      const margins = [...logits].map((c) => (variant === 'arc' ? Math.acos(c) - Math.PI / 2 : -c))
      const average = mean(margins)
      const deviation = Math.sqrt(mean(margins.map((one) => (one - average) ** 2)))
      // Five standard errors.
      expect(Math.abs(average - margin)).toBeLessThan((5 * 0.1) / Math.sqrt(count))
      expect(Math.abs(deviation - 0.1)).toBeLessThan((5 * 0.1) / Math.sqrt(2 * count))
      loss.dispose()
    })
  })
})
