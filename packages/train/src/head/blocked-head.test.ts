import { manualSeed, noGrad, ops, optim, type Tensor, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoss, type LossOptions, type UnifiedMargin } from '../losses/index.js'
import { awkwardCases, cosineOf, crossEntropy, matrix, mean, rows } from '../testing/losses.js'
import { BlockedHead, type BlockedOptions } from './blocked-head.js'

const [CLASSES, DIM, BATCH] = [37, 24, 9]
const RULE = { lr: 0.3, momentum: 0.9, weightDecay: 0.01 }
const numbers = (of: Tensor) => [...(ops.toDtype(of, 'float64').toTypedArray() as Float64Array)]
const float32 = (values: readonly number[][]) => ops.toDtype(matrix(values), 'float32')

function inputs(dtype: 'float32' | 'float64', labels?: readonly number[]) {
  manualSeed(7)
  const x = ops.toDtype(ops.randn([BATCH, DIM]), dtype).detach()
  x.requiresGrad = true
  const chosen = labels ?? Array.from({ length: BATCH }, (_, i) => (i * 11) % CLASSES)
  return { x, labels: tensor(chosen, [BATCH], { dtype: 'int64' }) }
}

function inner(options: LossOptions) {
  manualSeed(3)
  return createLoss(options, { classes: CLASSES, dim: DIM }) as UnifiedMargin
}

/** Losses, gradients and centres of three steps; in float64 of the loss by autograd, or blocked. */
function threeSteps(options: LossOptions, blocked: BlockedOptions | null) {
  const built = inner(options)
  const head = blocked ? new BlockedHead(built, blocked) : built.to({ dtype: 'float64' })
  const sgd = new optim.SGD([{ params: [['head.weight', head.centres!]] }], RULE)
  const results = [1, 2, 3].map((_, step) => {
    head.schedule({ step, marginShare: (step + 1) / 3, scale: null })
    sgd.zeroGrad()
    const { x, labels } = inputs(blocked ? 'float32' : 'float64')
    const loss = head.call(x, labels)
    loss.backward()
    sgd.step()
    if (head instanceof BlockedHead) head.descend(sgd, 'head.weight')
    return { loss: loss.item(), slope: numbers(x.grad!), centres: numbers(head.centres!) }
  })
  return { results, momentum: numbers(sgd.stateDict().get('head.weight.momentum')!) }
}

const near = (found: readonly number[], wanted: readonly number[], tolerance: number) => {
  expect(found).toHaveLength(wanted.length)
  const size = Math.max(1e-3, ...wanted.map(Math.abs))
  const off = found.map((value, i) => Math.abs(value - wanted[i]!) / size)
  expect(Math.max(...off)).toBeLessThan(tolerance)
}

describe('BlockedHead', () => {
  it.each<[LossOptions, number]>([
    [{ name: 'arcface' }, 5],
    [{ name: 'arcface', scale: 16 }, 1],
    [{ name: 'arcface', gradient: 'straight-through', scale: 16 }, 37],
    [{ name: 'cosface', scale: 16 }, 100],
    [{ name: 'sphereface', scale: 16 }, 8],
    [{ name: 'cm2', scale: 16 }, 8],
    [{ name: 'norm-softmax', scale: 16 }, 8],
    [{ name: 'arcface', scale: 16, interclassFilter: 0.1 }, 6],
    [{ name: 'subcenter-arcface', scale: 16, subcenters: 3 }, 4],
  ])('takes the steps of the loss in float64: %j in blocks of %i', (options, block) => {
    const wanted = threeSteps(options, null)
    const found = threeSteps(options, { block })
    found.results.forEach((one, i) => {
      const like = wanted.results[i]!
      expect(Math.abs(one.loss - like.loss)).toBeLessThan(1e-5 * Math.max(1, like.loss))
      near(one.slope, like.slope, 1e-5)
      near(one.centres, like.centres, 1e-5)
    })
    near(found.momentum, wanted.momentum, 1e-5)
  })

  it('is the cross-entropy of the margin, and its slope is the numeric one', () => {
    const { x, labels } = inputs('float32')
    const head = new BlockedHead(inner({ name: 'arcface', scale: 8 }), { block: 5 })
    const [embeddings, centres] = [rows(numbers(x), DIM), rows(numbers(head.centres), DIM)]
    const own = numbers(labels)
    const formula = (of: readonly number[][]) =>
      mean(
        of.map((row, i) => {
          const logits = centres.map((centre) => 8 * cosineOf(row, centre))
          const theta = Math.acos(logits[own[i]!]! / 8)
          expect(theta + 0.5).toBeLessThan(Math.PI)
          logits[own[i]!] = 8 * Math.cos(theta + 0.5)
          return crossEntropy(logits, own[i]!)
        }),
      )
    const loss = head.call(x, labels)
    loss.backward()
    expect(loss.item()).toBeCloseTo(formula(embeddings), 5)
    rows(numbers(x.grad!), DIM).forEach((row, i) => {
      const moved = (by: number) =>
        embeddings.map((other, k) => (k === i ? other.with(2, other[2]! + by) : other))
      expect(row[2]!).toBeCloseTo((formula(moved(1e-5)) - formula(moved(-1e-5))) / 2e-5, 5)
    })
  })

  it('is finite, and leaves finite centres, for every finite input', () => {
    fc.assert(
      fc.property(awkwardCases(), ({ embeddings, weight, labels }) => {
        const loss = createLoss({ name: 'arcface' }, { classes: 5, dim: 4 }) as UnifiedMargin
        noGrad(() => ops.copy_(loss.weight, float32(weight)))
        const head = new BlockedHead(loss, { block: 2 })
        const sgd = new optim.SGD([{ params: [['weight', loss.weight]] }], { lr: 0.1 })
        const x = float32(embeddings).detach()
        x.requiresGrad = true
        const value = head.call(x, tensor(labels, [labels.length], { dtype: 'int64' }))
        value.backward()
        head.descend(sgd, 'weight')
        const all = [value.item(), ...numbers(x.grad!), ...numbers(head.centres)]
        head.dispose()
        return all.every(Number.isFinite)
      }),
      { numRuns: 60 },
    )
  })

  it('with a sample knows the own classes and no other centre moves', () => {
    const options = { name: 'arcface', scale: 16 }
    const { x, labels } = inputs('float32')
    const head = new BlockedHead(inner(options), { block: 4, sample: 0.5 })
    const before = rows(numbers(head.centres), DIM)
    const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], RULE)
    const value = head.call(x, labels)
    value.backward()
    head.descend(sgd, 'weight')
    const after = rows(numbers(head.centres), DIM)
    const moved = before.flatMap((row, j) => (row.join() === after[j]!.join() ? [] : [j]))
    expect(moved).toHaveLength(Math.round(0.5 * CLASSES))
    const own = numbers(labels)
    for (const label of own) expect(moved).toContain(label)
    // The same as a loss that has no other classes.
    const few = createLoss(options, { classes: moved.length, dim: DIM }) as UnifiedMargin
    noGrad(() => ops.copy_(few.weight, float32(moved.map((j) => before[j]!))))
    const again = inputs(
      'float32',
      own.map((label) => moved.indexOf(label)),
    )
    const wanted = few.call(again.x, again.labels)
    wanted.backward()
    expect(value.item()).toBeCloseTo(wanted.item(), 5)
    near(numbers(x.grad!), numbers(again.x.grad!), 1e-5)
  })

  it('leaves the centres alone where no step was computed', () => {
    const head = new BlockedHead(inner({ name: 'arcface' }))
    const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], RULE)
    const before = numbers(head.centres)
    head.eval()
    const { x, labels } = inputs('float32')
    head.call(x, labels)
    head.descend(sgd, 'weight')
    expect(numbers(head.centres)).toEqual(before)
  })
})
