import { describe, expect, it } from 'vitest'
import { numbers, relativeError, sample, values } from '../numeric.test.support.js'
import { liveTensors, scope, type Tensor, tensor } from '../tensor.js'
import { SGD, type SGDOptions } from './sgd.js'

/** Weights after steps with these gradients, in float64: v = momentum v + (g + decay w); w -= lr v. */
function recurrence(weights: number[], gradients: number[][], options: SGDOptions): number[] {
  const { lr, momentum, weightDecay } = options
  const w = [...weights]
  const v = w.map(() => 0)
  for (const g of gradients)
    for (let i = 0; i < w.length; i++) {
      v[i] = momentum * v[i]! + g[i]! + weightDecay * w[i]!
      w[i]! -= lr * v[i]!
    }
  return w
}

const gradients = Array.from({ length: 20 }, (_, step) => numbers(6, step + 2))
function train(weight: Tensor, optimizer: SGD, from = gradients): number[] {
  for (const g of from) {
    weight.grad = tensor(g, weight.shape, { dtype: weight.dtype })
    optimizer.step()
  }
  return values(weight)
}
const leaf = (dtype: 'float32' | 'float64' = 'float64') => {
  const made = sample([2, 3], 1, dtype)
  made.requiresGrad = true
  return made
}
const one = (weight: Tensor) => [{ params: [['w', weight]] as const }]

describe('SGD', () => {
  const cases: SGDOptions[] = [
    { lr: 0.1, momentum: 0, weightDecay: 0 },
    { lr: 0.1, momentum: 0, weightDecay: 0.05 },
    { lr: 0.1, momentum: 0.9, weightDecay: 0 },
    { lr: 0.02, momentum: 0.9, weightDecay: 5e-4 },
  ]
  it.each(cases)('follows its recurrence: %j', (options) => {
    for (const [dtype, tolerance] of [
      ['float64', 1e-13],
      ['float32', 2e-6],
    ] as const) {
      const weight = leaf(dtype)
      const wanted = recurrence(values(weight), gradients, options)
      const got = train(weight, new SGD(one(weight), options))
      expect(relativeError(got, wanted)).toBeLessThan(tolerance)
    }
  })

  it('has neither momentum nor decay unless told', () => {
    const weight = leaf()
    const wanted = recurrence(values(weight), gradients, { lr: 0.3, momentum: 0, weightDecay: 0 })
    const optimizer = new SGD(one(weight), { lr: 0.3 })
    expect(relativeError(train(weight, optimizer), wanted)).toBeLessThan(1e-13)
    expect(optimizer.stateDict().size).toBe(0)
  })

  it('keeps its velocity when the learning rate changes', () => {
    const weight = leaf()
    const [first, second] = [gradients.slice(0, 10), gradients.slice(10)]
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 }
    const optimizer = new SGD(one(weight), options)
    const w = [...values(weight)]
    const v = w.map(() => 0)
    for (const [part, lr] of [
      [first, 0.1],
      [second, 0.01],
    ] as const)
      for (const g of part)
        for (let i = 0; i < w.length; i++) {
          v[i] = 0.9 * v[i]! + g[i]! + 0.01 * w[i]!
          w[i]! -= lr * v[i]!
        }
    train(weight, optimizer, first)
    optimizer.setLearningRate(0.01)
    expect(relativeError(train(weight, optimizer, second), w)).toBeLessThan(1e-13)
  })

  it('leaves no tensors but its state, and is not recorded', () => {
    const weight = leaf()
    const optimizer = new SGD(one(weight), { lr: 0.1, momentum: 0.9 })
    const before = liveTensors()
    scope(() => train(weight, optimizer))
    expect(liveTensors() - before).toBe(1)
    weight.grad = null
    weight.backward(tensor(numbers(6), [2, 3], { dtype: 'float64' })) // still a leaf
    expect(values(weight.grad!)).toEqual(numbers(6))
    optimizer.dispose()
    expect(optimizer.stateDict().size).toBe(0)
  })
})
