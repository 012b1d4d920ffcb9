import { describe, expect, it } from 'vitest'
import { add, contiguous, mul, sum, zeros } from '../generated/ops.js'
import { codeOf, sample, values } from '../numeric.test.support.js'
import { liveTensors, scope, type Tensor, tensor } from '../tensor.js'
import { BatchNorm2d } from './batchnorm.js'
import { Conv2d } from './conv.js'
import { Module } from './module.js'

class Block extends Module {
  readonly conv = this.child('conv', new Conv2d(3, 4, 3))
  readonly norm = this.child('norm', new BatchNorm2d(4))
  readonly gain = this.parameter('gain', tensor([2]))
  readonly seen = this.buffer('seen', tensor([0]))
  override forward(x: Tensor): Tensor {
    return mul(this.norm.call(this.conv.call(x)), this.gain)
  }
}
class Network extends Module {
  readonly first = this.child('first', new Block())
  readonly second = this.child('second', new Conv2d(4, 1, 1, { bias: false }))
  override forward(x: Tensor): Tensor {
    return this.second.call(this.first.call(x))
  }
}
const names = [
  ...['first.gain', 'first.seen', 'first.conv.weight', 'first.conv.bias', 'first.norm.weight'],
  ...['first.norm.bias', 'first.norm.running_mean', 'first.norm.running_var'],
  ...['first.norm.num_batches_tracked', 'second.weight'],
]
const buffers = /seen|running|tracked/
const contents = (of: Module) => [...of.stateDict()].map(([name, value]) => [name, values(value)])

describe('names', () => {
  const network = new Network()

  it('are dotted paths, in the order of PyTorch', () => {
    expect([...network.stateDict().keys()]).toEqual(names)
    const keys = (of: Iterable<[string, unknown]>) => [...of].map(([name]) => name)
    expect(keys(network.namedParameters())).toEqual(names.filter((name) => !buffers.test(name)))
    expect(keys(network.namedBuffers())).toEqual(names.filter((name) => buffers.test(name)))
    expect(keys(network.namedModules())).toEqual([
      '',
      'first',
      'first.conv',
      'first.norm',
      'second',
    ])
  })

  it('are of the tensors that the module computes with; parameters are trained, buffers not', () => {
    const state = network.stateDict()
    expect(state.get('first.conv.weight')).toBe(network.first.conv.weight)
    expect(network.parameters().every((one) => one.requiresGrad)).toBe(true)
    expect([...network.namedBuffers()].some(([, one]) => one.requiresGrad)).toBe(false)
  })
})

describe('train and eval', () => {
  it('reach every module', () => {
    const network = new Network()
    const flags = () => new Set([...network.namedModules()].map(([, one]) => one.training))
    expect(flags()).toEqual(new Set([true]))
    expect(network.eval()).toBe(network)
    expect(flags()).toEqual(new Set([false]))
    expect([network.train(), flags()]).toEqual([network, new Set([true])])
  })
})

describe('loadStateDict', () => {
  it('copies: the same outputs, memory of its own', () => {
    const [from, to] = [new Network(), new Network()]
    const x = sample([2, 3, 5, 5])
    scope(() => void from.call(x)) // running statistics that differ
    expect(to.loadStateDict(from.stateDict())).toEqual({ missing: [], unexpected: [] })
    expect(contents(to)).toEqual(contents(from))
    expect(values(to.eval().call(x))).toEqual(values(from.eval().call(x)))
    scope(() =>
      from.first.gain
        .detach()
        .asTypedArray()
        .fill(9 as never),
    )
    expect(to.first.gain.item()).toBe(2)
    expect(to.parameters().every((one) => one.requiresGrad)).toBe(true)
  })

  const without = (state: Map<string, Tensor>, gone: RegExp) =>
    new Map([...state].filter(([name]) => !gone.test(name)))
  const bad: [string, (state: Map<string, Tensor>) => Map<string, Tensor>, RegExp][] = [
    ['a missing name', (s) => without(s, /gain/), /missing first\.gain\./],
    ['many missing names', (s) => without(s, /norm/), /missing first\.norm\.\S+, .* and 2 more/],
    ['an unexpected name', (s) => s.set('head.weight', zeros([1])), /unexpected head\.weight/],
    [
      'another shape',
      (s) => s.set('second.weight', zeros([1, 4])),
      /second\.weight is \[1, 4\], the network wants \[1, 4, 1, 1\]/,
    ],
  ]
  it.each(bad)('refuses %s and changes nothing', (_, change, message) => {
    const network = new Network()
    const before = contents(network)
    const given = change(new Network().stateDict())
    expect(codeOf(() => network.loadStateDict(given))).toBe('TORCH_STATE_DICT')
    expect(() => network.loadStateDict(given)).toThrow(message)
    expect(contents(network)).toEqual(before)
  })

  it('reports names when it is not strict, but never takes another shape', () => {
    const network = new Network()
    const given = new Map([
      ['second.weight', sample([1, 4, 1, 1])],
      ['head', zeros([1])],
    ])
    expect(network.loadStateDict(given, { strict: false })).toEqual({
      missing: names.filter((name) => name !== 'second.weight'),
      unexpected: ['head'],
    })
    expect(values(network.second.weight)).toEqual(values(given.get('second.weight')!))
    given.set('second.weight', zeros([4]))
    expect(codeOf(() => network.loadStateDict(given, { strict: false }))).toBe('TORCH_STATE_DICT')
  })
})

describe('to', () => {
  it('changes floating dtypes and the layout, not the tensors themselves', () => {
    const network = new Network()
    const [{ weight }, before] = [network.first.conv, values(network.first.conv.weight)]
    network.to({ dtype: 'float64', memoryFormat: 'channels_last' })
    expect([weight.dtype, weight.strides]).toEqual(['float64', [27, 1, 9, 3]])
    expect([values(weight), weight.requiresGrad]).toEqual([before, true])
    expect(network.stateDict().get('first.norm.num_batches_tracked')!.dtype).toBe('int64')
    sum(network.call(sample([2, 3, 5, 5], 1, 'float64'))).backward()
    expect(weight.grad!.dtype).toBe('float64')
    expect(codeOf(() => network.to({ device: 'abacus' }))).toBe('TORCH_ARGUMENT')
  })

  it('gives kernels of one pixel the strides of their gradients', () => {
    const conv = new Conv2d(8, 4, 1).to({ memoryFormat: 'channels_last' })
    sum(conv.call(contiguous(sample([2, 8, 5, 5], 1), 'channels_last'))).backward()
    expect(conv.weight.strides).toEqual([8, 1, 8, 8])
    expect(conv.weight.grad!.strides).toEqual(conv.weight.strides)
  })
})

describe('memory', () => {
  it('is what call returns, and what a scope must not free', () => {
    const before = liveTensors()
    const network = scope(() => new Network())
    const own = network.stateDict().size
    expect(liveTensors() - before).toBe(own)
    scope(() => sum(network.call(sample([2, 3, 5, 5]))).backward())
    expect(liveTensors() - before).toBe(own)
    network.dispose()
    expect(liveTensors()).toBe(before)
    expect(codeOf(() => add(network.first.gain, 1))).toBe('TORCH_DISPOSED')
  })
})
