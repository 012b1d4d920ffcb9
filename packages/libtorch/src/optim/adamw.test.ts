import { describe, expect, it } from 'vitest'
import { numbers, relativeError, sample, values } from '../numeric.test.support.js'
import { type Tensor, tensor } from '../tensor.js'
import { AdamW, type AdamWOptions } from './adamw.js'

const defaults: AdamWOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2 }

/** Algorithm 2 of Loshchilov & Hutter 2019 in float64, with PyTorch's decay lr * weightDecay. */
function recurrence(weights: number[], gradients: number[][], options: AdamWOptions): number[] {
  const { lr, betas, eps, weightDecay } = options
  const w = [...weights]
  const [m, v] = [w.map(() => 0), w.map(() => 0)]
  for (const [t, g] of gradients.entries())
    for (let i = 0; i < w.length; i++) {
      m[i] = betas[0] * m[i]! + (1 - betas[0]) * g[i]!
      v[i] = betas[1] * v[i]! + (1 - betas[1]) * g[i]! ** 2
      const mean = m[i]! / (1 - betas[0] ** (t + 1))
      const square = v[i]! / (1 - betas[1] ** (t + 1))
      w[i]! -= lr * (mean / (Math.sqrt(square) + eps) + weightDecay * w[i]!)
    }
  return w
}

const gradients = Array.from({ length: 20 }, (_, step) => numbers(6, step + 2))
const give = (weight: Tensor, g: number[]) => {
  weight.grad = tensor(g, weight.shape, { dtype: weight.dtype })
}
const leaf = (seed = 1, dtype: 'float32' | 'float64' = 'float64') => {
  const made = sample([6], seed, dtype)
  made.requiresGrad = true
  return made
}

describe('AdamW', () => {
  const cases: Partial<AdamWOptions>[] = [
    {},
    { lr: 0.05, weightDecay: 0 },
    { lr: 0.05, weightDecay: 0.1, betas: [0.8, 0.95], eps: 1e-3 },
  ]
  it.each(cases)('follows its recurrence: %j', (options) => {
    for (const [dtype, tolerance] of [
      ['float64', 1e-12],
      ['float32', 5e-6],
    ] as const) {
      const weight = leaf(1, dtype)
      const wanted = recurrence(values(weight), gradients, { ...defaults, ...options })
      const optimizer = new AdamW([{ params: [['w', weight]] }], options)
      for (const g of gradients) {
        give(weight, g)
        optimizer.step()
      }
      expect(relativeError(values(weight), wanted)).toBeLessThan(tolerance)
    }
  })

  it.each(['first', 'last'])(
    'counts the steps of each parameter: the %s one has none at first',
    (place) => {
      const [early, late] = [leaf(1), leaf(2)]
      const wanted = [
        recurrence(values(early), gradients, defaults),
        recurrence(values(late), gradients.slice(7), defaults),
      ]
      const params: [string, Tensor][] = [
        ['early', early],
        ['late', late],
      ]
      const optimizer = new AdamW([{ params: place === 'last' ? params : params.reverse() }])
      for (const [t, g] of gradients.entries()) {
        give(early, g)
        if (t >= 7) give(late, g)
        optimizer.step()
      }
      expect(relativeError(values(early), wanted[0]!)).toBeLessThan(1e-12)
      expect(relativeError(values(late), wanted[1]!)).toBeLessThan(1e-12)
    },
  )

  it('makes a first step of the learning rate, whatever the size of the gradient', () => {
    for (const size of [1e-3, 1, 1e3]) {
      const weight = leaf()
      const before = values(weight)
      const optimizer = new AdamW([{ params: [['w', weight]] }], { lr: 0.01, weightDecay: 0 })
      give(weight, [size, -size, size, -size, size, -size])
      optimizer.step()
      const moved = values(weight).map((value, i) => value - before[i]!)
      expect(relativeError(moved, [-0.01, 0.01, -0.01, 0.01, -0.01, 0.01])).toBeLessThan(1e-4)
    }
  })
})
