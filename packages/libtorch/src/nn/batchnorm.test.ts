import { describe, expect, it } from 'vitest'
import { mul, sum, zeros } from '../generated/ops.js'
import {
  codeOf,
  numericGradient,
  product,
  relativeError,
  sample,
  values,
} from '../numeric.test.support.js'
import { type Tensor, tensor } from '../tensor.js'
import { BatchNorm1d, BatchNorm2d } from './batchnorm.js'

/** Values of each channel of a [N, C, ...] tensor. */
function channels(x: Tensor): number[][] {
  const [, c = 1, ...rest] = x.shape
  const inner = product(rest)
  const out: number[][] = Array.from({ length: c }, () => [])
  for (const [i, value] of values(x).entries()) out[Math.floor(i / inner) % c]!.push(value)
  return out
}
const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length
const squares = (of: number[]) => of.reduce((s, v) => s + (v - mean(of)) ** 2, 0)

const shapes: [string, number[]][] = [
  ['1d', [6, 3]],
  ['2d', [4, 3, 5, 2]],
]
describe.each(shapes)('BatchNorm%s', (kind, shape) => {
  const make = (options = {}) => {
    const layer = new (kind === '1d' ? BatchNorm1d : BatchNorm2d)(3, options)
    const [weight, bias] = [sample([3], 8), sample([3], 9)]
    layer.loadStateDict(new Map([...layer.stateDict(), ['weight', weight], ['bias', bias]]))
    return { layer, w: values(weight), b: values(bias) }
  }

  it('normalises a batch in training and follows its statistics', () => {
    const [eps, momentum] = [1e-3, 0.3]
    const { layer, w, b } = make({ eps, momentum })
    let [runningMean, runningVar] = [
      [0, 0, 0],
      [1, 1, 1],
    ]
    for (const seed of [1, 2, 3]) {
      const x = mul(sample(shape, seed), seed)
      const each = channels(x)
      const wanted = each.map((own, c) => {
        const deviation = Math.sqrt(squares(own) / own.length + eps)
        return own.map((v) => ((v - mean(own)) / deviation) * w[c]! + b[c]!)
      })
      expect(relativeError(channels(layer.call(x)).flat(), wanted.flat())).toBeLessThan(1e-5)
      // The running variance is the unbiased one.
      runningMean = runningMean.map((m, c) => (1 - momentum) * m + momentum * mean(each[c]!))
      runningVar = runningVar.map(
        (v, c) => (1 - momentum) * v + (momentum * squares(each[c]!)) / (each[c]!.length - 1),
      )
    }
    expect(relativeError(values(layer.runningMean), runningMean)).toBeLessThan(1e-5)
    expect(relativeError(values(layer.runningVar), runningVar)).toBeLessThan(1e-5)
    expect(layer.stateDict().get('num_batches_tracked')!.item()).toBe(3)
  })

  it('normalises by the running statistics in evaluation and leaves them', () => {
    const { layer, w, b } = make()
    layer.call(sample(shape))
    layer.eval()
    const state = () => [...layer.stateDict().values()].map(values)
    const before = state()
    const [m, v] = [values(layer.runningMean), values(layer.runningVar)]
    const x = sample(shape, 5)
    const wanted = channels(x).map((own, c) =>
      own.map((value) => ((value - m[c]!) / Math.sqrt(v[c]! + 1e-5)) * w[c]! + b[c]!),
    )
    expect(relativeError(channels(layer.call(x)).flat(), wanted.flat())).toBeLessThan(1e-5)
    expect(state()).toEqual(before)
  })

  it('has gradients, through the statistics too', () => {
    const { layer } = make({ momentum: 0 })
    layer.to({ dtype: 'float64' })
    const [x, g] = [sample(shape, 1, 'float64'), sample(shape, 2, 'float64')]
    const loss = () => sum(mul(layer.call(x), g))
    const at = x.detach()
    x.requiresGrad = true
    loss().backward()
    expect(relativeError(values(x.grad!), numericGradient(loss, at))).toBeLessThan(1e-6)
    for (const parameter of layer.parameters())
      expect(
        relativeError(values(parameter.grad!), numericGradient(loss, parameter.detach())),
      ).toBeLessThan(1e-6)
  })

  it('refuses one value a channel in training, whose variance would be none', () => {
    const { layer } = make()
    const one = sample([1, 3, ...shape.slice(2).map(() => 1)])
    expect(codeOf(() => layer.call(one))).toBe('TORCH_SHAPE')
    expect(codeOf(() => layer.call(zeros([0, 3, ...shape.slice(2)])))).toBe('TORCH_SHAPE')
    expect(values(layer.runningVar)).toEqual([1, 1, 1])
    expect(layer.stateDict().get('num_batches_tracked')!.item()).toBe(0)
    expect(values(layer.eval().call(one)).every(Number.isFinite)).toBe(true)
  })

  it('names what does not fit', () => {
    const { layer } = make()
    expect(codeOf(() => layer.call(sample([4, 2, ...shape.slice(2)])))).toBe('TORCH_OPERATOR')
    expect(codeOf(() => layer.call(tensor([1])))).toMatch(/^TORCH_(SHAPE|OPERATOR)$/)
  })
})

it('names its state as PyTorch', () => {
  expect(
    [...new BatchNorm2d(2).stateDict()].map(([name, { dtype }]) => `${name} ${dtype}`),
  ).toEqual([
    ...['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${name} float32`),
    'num_batches_tracked int64',
  ])
})
