import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { zeros } from '../generated/ops.js'
import { codeOf, numbers, sample, values } from '../numeric.test.support.js'
import { loadSafetensors, saveSafetensors } from '../safetensors/index.js'
import { liveTensors, scope, type Tensor, tensor } from '../tensor.js'
import { AdamW } from './adamw.js'
import { SGD } from './sgd.js'

const folder = mkdtempSync(join(tmpdir(), 'optimizer-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Params = [string, Tensor][]
const start = (): Params => [
  ['a.weight', sample([2, 3], 1)],
  ['a.bias', sample([3], 2)],
]
const kinds = {
  SGD: (params: Params) => new SGD([{ params }], { lr: 0.1, momentum: 0.9, weightDecay: 1e-3 }),
  AdamW: (params: Params) => new AdamW([{ params }], { lr: 0.01 }),
}
type Any = SGD | AdamW

/** Steps `from` to `until`, each with gradients of its own. */
function train(params: Params, optimizer: Any, from: number, until: number): number[][] {
  for (let step = from; step < until; step++) {
    for (const [i, [, param]] of params.entries())
      param.grad = tensor(numbers(param.size, 10 * step + i), param.shape)
    optimizer.step()
  }
  return params.map(([, param]) => values(param))
}
/** By name: a file of safetensors has an order of its own. */
const contents = (of: Any) => [...of.stateDict()].sort().map(([key, value]) => [key, values(value)])
const copies = (of: ReadonlyMap<string, Tensor>) =>
  new Map([...of].map(([key, one]) => [key, tensor(one.toTypedArray(), one.shape)]))

describe.each(Object.entries(kinds))('the state of %s', (name, make) => {
  it('saved and loaded goes on bit for bit', () => {
    const whole = start()
    const wanted = train(whole, make(whole), 0, 9)

    const first = start()
    const optimizer = make(first)
    train(first, optimizer, 0, 4)
    const file = join(folder, `${name}.safetensors`)
    saveSafetensors(file, new Map([...first, ...optimizer.stateDict()]))

    const saved = loadSafetensors(file)
    const second = start().map(([key]): [string, Tensor] => [key, saved.get(key)!])
    const other = make(second)
    other.loadStateDict(new Map([...saved].filter(([key]) => optimizer.stateDict().has(key))))
    expect(contents(other)).toEqual(contents(optimizer))
    expect(train(second, other, 4, 9)).toEqual(wanted)
  })

  it('is named by parameter and kind, zero at first, and is its own', () => {
    const params = start()
    const optimizer = make(params)
    expect(contents(optimizer)).toEqual([])
    train(params, optimizer, 0, 1)
    const expected = name === 'SGD' ? ['momentum'] : ['mean', 'square', 'step']
    expect([...optimizer.stateDict().keys()].sort()).toEqual(
      ['a.bias', 'a.weight'].flatMap((param) => expected.map((kind) => `${param}.${kind}`)),
    )
  })

  it('replaces what was there: a state taken earlier brings the same weights again', () => {
    for (const taken of [0, 2]) {
      const params = start()
      const optimizer = make(params)
      const before = train(params, optimizer, 0, taken)
      const state = copies(optimizer.stateDict())
      const wanted = train(params, optimizer, taken, 6)
      for (const [i, [, param]] of params.entries()) {
        const array = param.detach().asTypedArray() as Float32Array
        array.set(before[i]!)
      }
      optimizer.loadStateDict(state)
      expect(train(params, optimizer, taken, 6)).toEqual(wanted)
      optimizer.loadStateDict(optimizer.stateDict()) // its own, too
      expect(contents(optimizer).length).toBeGreaterThan(0)
    }
  })

  it('of other parameters or another optimizer is refused, and nothing is changed', () => {
    const params = start()
    const optimizer = make(params)
    train(params, optimizer, 0, 2)
    const before = contents(optimizer)
    const kind = name === 'SGD' ? 'momentum' : 'mean'
    const bad: [string, Tensor][] = [
      [`b.weight.${kind}`, sample([2, 3])],
      [`a.weight.${kind}`, sample([3, 2])],
      [`a.weight.${kind}`, zeros([])],
      ['a.weight.banana', sample([2, 3])],
      ['a.weight.step', sample([2, 3])],
      [name === 'SGD' ? 'a.weight.mean' : 'a.weight.momentum', sample([2, 3])],
      ['nothing', zeros([])],
    ]
    for (const [key, value] of bad) {
      const state = new Map([...copies(optimizer.stateDict()), [key, value]])
      expect(codeOf(() => optimizer.loadStateDict(state))).toBe('TORCH_STATE_DICT')
      expect(() => optimizer.loadStateDict(state)).toThrow(key)
    }
    expect(contents(optimizer)).toEqual(before)
  })

  it('lives outside of scopes, and no longer than the optimizer', () => {
    const params = start()
    const optimizer = make(params)
    scope(() => train(params, optimizer, 0, 1))
    const state = copies(optimizer.stateDict())
    const before = liveTensors()
    scope(() => optimizer.loadStateDict(state))
    scope(() => train(params, optimizer, 1, 3))
    expect(liveTensors()).toBe(before)
    optimizer.dispose()
    expect(liveTensors()).toBe(before - state.size)
  })
})

describe('groups', () => {
  it('have settings of their own', () => {
    const [[, weight], [, bias]] = start() as [Params[0], Params[0]]
    const optimizer = new SGD(
      [{ params: [['w', weight]] }, { params: [['b', bias]], weightDecay: 0, lr: 1 }],
      { lr: 0.5, weightDecay: 0.25 },
    )
    const [w, b] = [values(weight), values(bias)]
    weight.grad = zeros([2, 3])
    bias.grad = tensor([0.5, 0.25, -1])
    optimizer.step()
    expect(values(weight)).toEqual(w.map((value) => Math.fround(value - 0.5 * 0.25 * value)))
    expect(values(bias)).toEqual(b.map((v, i) => Math.fround(v - [0.5, 0.25, -1][i]!)))
    optimizer.setLearningRate(0.125)
    expect(optimizer.groups.map(({ options }) => options.lr)).toEqual([0.125, 0.25])
    optimizer.setLearningRate(0)
    expect(optimizer.groups.map(({ options }) => options)).toEqual([
      { lr: 0, momentum: 0, weightDecay: 0.25 },
      { lr: 0, momentum: 0, weightDecay: 0 },
    ])
  })

  it('leave parameters without a gradient alone', () => {
    const params = start()
    const optimizer = new SGD([{ params }], { lr: 0.5, momentum: 0.9, weightDecay: 0.25 })
    const before = values(params[1]![1])
    params[0]![1].grad = zeros([2, 3])
    optimizer.step()
    expect(values(params[1]![1])).toEqual(before)
    expect([...optimizer.stateDict().keys()]).toEqual(['a.weight.momentum'])
    optimizer.zeroGrad()
    expect(params[0]![1].grad).toBeNull()
    expect(() => optimizer.step()).not.toThrow()
  })

  it('refuse two parameters of one name, whose state would be one', () => {
    const [a, b] = [zeros([1]), zeros([2])]
    const twice = [['w', a] as const, ['w', b] as const]
    const two = twice.map((one) => ({ params: [one] }))
    for (const groups of [[{ params: twice }], two])
      expect(codeOf(() => new SGD(groups, { lr: 0.1 }))).toBe('TORCH_ARGUMENT')
    expect(() => new SGD(two, { lr: 0.1 })).toThrow(/\bw\b/)
  })
})
