import { describe, expect, it } from 'vitest'
import type { DType, MemoryFormat } from '../dtype.js'
import { clone, contiguous, mul } from '../generated/ops.js'
import { atThreads, numbers, relativeError, sample, values } from '../numeric.test.support.js'
import { liveTensors, scope, type Tensor, tensor } from '../tensor.js'
import { gradNorm } from './clip.js'
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

  it('scales gradients by name on the way, and leaves them as they are', () => {
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.02 }
    for (const dtype of ['float32', 'float64'] as const) {
      const [a, b] = [leaf(dtype), leaf(dtype)]
      const scaled = gradients.map((g) => g.map((value) => value * 0.25))
      const wanted = [scaled, gradients].map((g) => recurrence(values(a), g, options))
      const optimizer = new SGD([{ params: Object.entries({ a, b }) }], options)
      for (const g of gradients) {
        for (const one of [a, b]) one.grad = tensor(g, [2, 3], { dtype })
        const before = values(a.grad!)
        optimizer.step((name) => (name === 'a' ? 0.25 : 1))
        expect(values(a.grad!)).toEqual(before)
      }
      expect(relativeError(values(a), wanted[0]!)).toBeLessThan(2e-6)
      expect(relativeError(values(b), wanted[1]!)).toBeLessThan(2e-6)
    }
  })

  // Values of several pieces of the loops, whatever the thread: 3 x 16384 and some.
  const shape = [7, 5, 29, 53]
  const layouts: [string, DType, MemoryFormat, MemoryFormat][] = [
    ['all as they lie', 'float32', 'contiguous_format', 'contiguous_format'],
    ['channels last', 'float32', 'channels_last', 'channels_last'],
    ['a gradient that lies otherwise', 'float32', 'channels_last', 'contiguous_format'],
    ['bfloat16', 'bfloat16', 'contiguous_format', 'contiguous_format'],
    ['float64', 'float64', 'channels_last', 'contiguous_format'],
  ]
  it.each(layouts)('takes many values beside few in one step: %s', (_, dtype, format, other) => {
    const make = (seed: number, how: MemoryFormat) => contiguous(sample(shape, seed, dtype), how)
    const options = { lr: 0.1, momentum: 0.5, weightDecay: 0.01 }
    const [large, small, empty] = [make(1, format), sample([3], 2), tensor([], [0, 4])]
    const params = Object.entries({ large, small, empty })
    const optimizer = new SGD([{ params }], options)
    const given = [3, 4].map((seed) => [make(seed, other), sample([3], seed)] as const)
    const wanted = [large, small].map((one, i) =>
      recurrence(
        values(one),
        given.map((g) => values(g[i]!)),
        options,
      ),
    )
    for (const [g, h] of given) {
      large.grad = g
      small.grad = h
      empty.grad = tensor([], [0, 4])
      optimizer.step()
    }
    // Each of two steps rounds weight and momentum: to 8 bits in bfloat16.
    expect(relativeError(values(large), wanted[0]!)).toBeLessThan(
      dtype === 'bfloat16' ? 4 * 2 ** -8 : 1e-6,
    )
    expect(relativeError(values(small), wanted[1]!)).toBeLessThan(1e-6)
  })

  describe('that a tensor may call off', () => {
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 }
    const float = (value: number) => tensor([value])
    const make = (seed: number, how: MemoryFormat, dtype: DType = 'float32') =>
      contiguous(sample([7, 5, 3, 3], seed, dtype), how)
    const norms: [string, DType, number][] = [
      ['float32', 'float32', 1e-6],
      ['float64', 'float64', 1e-6], // rate and divisor are float32
    ]

    it.each(norms)(
      'is the recurrence in float64, at the rates of the groups: %s',
      (_, dtype, error) => {
        const [fast, slow] = [make(1, 'channels_last', dtype), make(2, 'contiguous_format', dtype)]
        const optimizer = new SGD(
          [{ params: [['fast', fast]] }, { params: [['slow', slow]], lr: 0.05, weightDecay: 0 }],
          options,
        )
        const gradients = [3, 4].map((seed) => make(seed, 'contiguous_format', dtype))
        const wanted = [options, { ...options, lr: 0.02, weightDecay: 0 }].map((rule, i) =>
          recurrence(
            values([fast, slow][i]!),
            gradients.map((g) => values(g).map((one) => one / (i === 0 ? 8 : 2))),
            { ...rule, lr: i === 0 ? 0.04 : 0.02 },
          ),
        )
        for (const g of gradients)
          for (const skip of [1, 0]) {
            for (const one of [fast, slow]) one.grad = clone(g)
            const divisorOf = (name: string) => float(name === 'fast' ? 8 : 2)
            optimizer.stepUnless(float(skip), float(0.04), divisorOf)
          }
        expect(relativeError(values(fast), wanted[0]!)).toBeLessThan(error)
        expect(relativeError(values(slow), wanted[1]!)).toBeLessThan(error)
      },
    )

    it('leaves weight and momentum as they are, whatever the gradient', () => {
      const weight = make(1, 'contiguous_format')
      const optimizer = new SGD(one(weight), options)
      weight.grad = make(2, 'contiguous_format')
      optimizer.stepUnless(float(0), float(0.1), () => float(1))
      const all = () => [weight, ...optimizer.stateDict().values()].map(values)
      const before = all()
      weight.grad = mul(weight, Number.NaN)
      optimizer.stepUnless(float(1), float(0.1), () => float(Number.POSITIVE_INFINITY))
      expect(all()).toEqual(before)
    })
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      const weight = sample(shape)
      weight.grad = sample(shape, 2)
      const norm = gradNorm([weight])
      new SGD(one(weight), { lr: 0.1, momentum: 0.9, weightDecay: 0.01 }).step(() => 1 / norm)
      return [norm, ...values(weight)]
    })
    expect(shared).toEqual(alone)
  })
})
