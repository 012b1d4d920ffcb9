import { describe, expect, it } from 'vitest'
import { noGrad } from '../autograd.js'
import { add, mul, ones } from '../generated/ops.js'
import { codeOf, numbers, relativeError, sample, values } from '../numeric.test.support.js'
import { manualSeed } from '../random.js'
import { liveTensors, type Tensor, tensor } from '../tensor.js'
import { Dropout, Flatten, LeakyReLU, PReLU, Sequential } from './layers.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

class Plus extends Module {
  constructor(readonly value: number) {
    super()
  }
  override forward(x: Tensor): Tensor {
    return add(mul(x, 2), this.value)
  }
}

describe('PReLU', () => {
  it('has one slope a channel, first a quarter, and its gradient', () => {
    const layer = new PReLU(2)
    expect([...layer.namedParameters()].map(([name, slope]) => [name, values(slope)])).toEqual([
      ['weight', [0.25, 0.25]],
    ])
    layer.loadStateDict(new Map([['weight', tensor([0.5, -1])]]))
    const x = tensor([-2, 3, 0, -4, 5, -6, 7, -8], [2, 2, 2, 1])
    x.requiresGrad = true
    const y = layer.call(x)
    expect(values(y)).toEqual([-1, 3, -0, 4, 5, -3, 7, 8])
    y.backward(ones([2, 2, 2, 1]))
    expect(values(x.grad!)).toEqual([0.5, 1, -1, -1, 1, 0.5, 1, -1])
    expect(values(layer.weight.grad!)).toEqual([-2 - 6, -4 - 8])
  })
})

describe('LeakyReLU', () => {
  it('has one fixed slope', () => {
    expect(values(new LeakyReLU(0.25).call(tensor([-4, 0, 4])))).toEqual([-1, 0, 4])
    expect(new LeakyReLU().call(tensor([-1])).item()).toBe(Math.fround(-0.01))
    expect(new LeakyReLU().parameters()).toEqual([])
  })
})

describe('Flatten', () => {
  it('keeps the first side', () => {
    const x = sample([2, 3, 4, 5])
    const y = new Flatten().call(x)
    expect([y.shape, values(y)]).toEqual([[2, 60], values(x)])
  })
})

describe('Dropout', () => {
  const count = 100_000

  it('zeroes its share in training, scales the rest, and so does the gradient', () => {
    manualSeed(1)
    const x = tensor(numbers(count))
    x.requiresGrad = true
    const layer = new Dropout(0.2)
    const y = layer.call(x)
    const kept = values(y).map((value) => value !== 0)
    // Four standard errors of the share.
    const share = kept.filter((one) => !one).length / count
    expect(Math.abs(share - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / count))
    const scale = Math.fround(1 / 0.8)
    const wanted = values(x).map((v, i) => (kept[i] ? Math.fround(v * scale) : 0))
    expect(relativeError(values(y), wanted)).toBe(0)
    y.backward(ones([count]))
    expect(values(x.grad!)).toEqual(kept.map((one) => (one ? scale : 0)))
    const again = values(layer.call(x)).map((value) => value !== 0)
    expect(again).not.toEqual(kept)
  })

  it('does nothing in evaluation and at 0; at 1 nothing is left', () => {
    const x = tensor(numbers(100))
    expect(new Dropout(0.9).eval().call(x)).toBe(x)
    expect(new Dropout(0).call(x)).toBe(x)
    expect(new Set(values(new Dropout(1).call(x)).map(Math.abs))).toEqual(new Set([0]))
  })

  it('wants a probability', () => {
    for (const bad of [-0.1, 1.5, Number.NaN])
      expect(codeOf(() => new Dropout(bad).call(tensor([1])))).toBe('TORCH_OPERATOR')
  })
})

describe('Sequential', () => {
  it('runs one after the other', () => {
    expect(new Sequential(new Plus(1), new Plus(10)).call(tensor([3])).item()).toBe(24)
    const x = tensor([1])
    expect(new Sequential().call(x)).toBe(x)
  })

  it('names its modules by number, also inside another', () => {
    const network = new Sequential(new Plus(1), new Sequential(new Linear(1, 1), new PReLU(1)))
    expect([...network.stateDict().keys()]).toEqual(['1.0.weight', '1.0.bias', '1.1.weight'])
  })

  it('leaves nothing of what lies between', () => {
    const network = new Sequential(new Plus(1), new Sequential(new Plus(2), new Plus(3)))
    const x = tensor([1])
    const before = liveTensors()
    noGrad(() => network.call(x))
    expect(liveTensors() - before).toBe(1)
  })
})
