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

/** Losses, gradients and centres of three steps; in float64 of the loss by autograd, or blocked, on parts of the batch. */
function threeSteps(
  options: LossOptions,
  blocked: BlockedOptions | null,
  parts = [BATCH],
  skip: Tensor | null = null,
) {
  const built = inner(options)
  const head = blocked ? new BlockedHead(built, blocked) : built.to({ dtype: 'float64' })
  const sgd = new optim.SGD([{ params: [['head.weight', head.centres!]] }], RULE)
  const results = [1, 2, 3].map((_, step) => {
    head.schedule({ step, marginShare: (step + 1) / 3, scale: null })
    sgd.zeroGrad()
    const { x, labels } = inputs(blocked ? 'float32' : 'float64')
    if (head instanceof BlockedHead) head.begin(labels)
    let [loss, from] = [0, 0]
    for (const count of parts) {
      const part = (of: Tensor) => ops.narrow(of, 0, from, count)
      const mean = ops.mul(head.call(part(x), part(labels)), count / BATCH)
      mean.backward()
      loss += mean.item()
      from += count
    }
    sgd.step()
    if (head instanceof BlockedHead) head.descend(sgd, 'head.weight', skip)
    return { loss, slope: numbers(x.grad!), centres: numbers(head.centres!) }
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

  it.each<[LossOptions, number]>([
    [{ name: 'arcface' }, 5],
    [{ name: 'arcface', scale: 16, interclassFilter: 0.1 }, 6],
    [{ name: 'cm2', scale: 16 }, 100],
    [{ name: 'subcenter-arcface', scale: 16, subcenters: 3 }, 4],
  ])(
    'moves the centres likewise where a tensor says whether: %j in blocks of %i',
    (options, block) => {
      const wanted = threeSteps(options, null)
      const found = threeSteps(options, { block }, [BATCH], tensor([0]))
      found.results.forEach((one, i) => {
        near(one.centres, wanted.results[i]!.centres, 1e-5)
      })
      near(found.momentum, wanted.momentum, 1e-5)
      const { results, momentum } = threeSteps(options, { block }, [BATCH], tensor([1]))
      expect(results[2]!.centres).toEqual(numbers(inner(options).weight))
      expect(new Set(momentum)).toEqual(new Set([0]))
    },
  )

  it('with a sample moves the same centres where a tensor says so', () => {
    const run = (skip: Tensor | null) => {
      const head = new BlockedHead(inner({ name: 'arcface', scale: 16 }), { block: 4, sample: 0.5 })
      const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], RULE)
      const { x, labels } = inputs('float32')
      head.call(x, labels)
      head.descend(sgd, 'weight', skip)
      return [...numbers(head.centres), ...numbers(sgd.stateDict().get('weight.momentum')!)]
    }
    near(run(tensor([0])), run(null), 1e-6)
  })

  it.each([1, 0.5])('takes one step for all parts of a batch, with %d of the classes', (sample) => {
    const options = { name: 'arcface', scale: 16 }
    const whole = threeSteps(options, { block: 8, sample })
    const found = threeSteps(options, { block: 8, sample }, [4, 3, 2])
    found.results.forEach((one, i) => {
      const like = whole.results[i]!
      expect(one.loss).toBeCloseTo(like.loss, 5)
      near(one.slope, like.slope, 1e-6)
      near(one.centres, like.centres, 1e-6)
    })
  })

  it('forgets a step that was begun and not taken', () => {
    const run = (before: boolean) => {
      const head = new BlockedHead(inner({ name: 'arcface' }))
      const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], RULE)
      if (before) head.call(inputs('float32', Array(BATCH).fill(1)).x, inputs('float32').labels)
      const { x, labels } = inputs('float32')
      head.begin(labels)
      head.call(x, labels)
      head.descend(sgd, 'weight')
      return numbers(head.centres)
    }
    expect(run(true)).toEqual(run(false))
  })

  describe('in bfloat16', () => {
    // Of products of bfloat16 a unit vector's coordinates are off by 2^-9 of themselves, hence a cosine by 2 x 2^-9,
    // and by 2^-9 more as it is rounded. A probability is e^(s cos) over a sum of such, then rounded; a gradient
    // is rounded twice more.
    const cosineError = 3 * 2 ** -9

    it.each<LossOptions>([
      { name: 'arcface', scale: 4 },
      { name: 'cosface', scale: 8 },
      { name: 'subcenter-arcface', scale: 4, subcenters: 3 },
    ])('takes the steps of float64 within its rounding: %j', (options) => {
      const error = cosineError * (options.scale as number)
      const wanted = threeSteps(options, null)
      const found = threeSteps(options, { block: 8, bf16: true })
      const [one, like] = [found.results[0]!, wanted.results[0]!]
      expect(Math.abs(one.loss - like.loss)).toBeLessThan(error)
      near(one.slope, like.slope, Math.exp(2 * error) - 1 + 3 * 2 ** -9)
      found.results.forEach((one, i) => {
        near(one.centres, wanted.results[i]!.centres, (i + 1) * (Math.exp(2 * error) - 1))
      })
    })

    it('has the loss of float32 where it holds the inputs, and gradients within the rounding', () => {
      // Unit vectors of four halves: their cosines are quarters.
      const halves = (rows: number, seed: number) => {
        manualSeed(seed)
        return Array.from({ length: rows }, () => {
          const order = numbers(ops.randperm(2 * DIM))
          const places = order.filter((place) => place < DIM).slice(0, 4)
          return Array.from({ length: DIM }, (_, d) =>
            places.includes(d) ? (order[d]! % 2) - 0.5 : 0,
          )
        })
      }
      const run = (bf16: boolean) => {
        const head = new BlockedHead(inner({ name: 'arcface', scale: 8 }), { block: 8, bf16 })
        noGrad(() => ops.copy_(head.centres, float32(halves(CLASSES, 5))))
        const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], { ...RULE, lr: 1 })
        const x = float32(halves(BATCH, 7)).detach()
        x.requiresGrad = true
        const loss = head.call(x, inputs('float32').labels)
        loss.backward()
        head.descend(sgd, 'weight')
        const momentum = numbers(sgd.stateDict().get('weight.momentum')!)
        return { loss: loss.item(), slope: numbers(x.grad!), momentum }
      }
      const [found, wanted] = [run(true), run(false)]
      expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-6)
      near(found.slope, wanted.slope, 3 * 2 ** -9)
      near(found.momentum, wanted.momentum, 3 * 2 ** -9)
    })
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
      fc.property(awkwardCases(), fc.boolean(), ({ embeddings, weight, labels }, bf16) => {
        const loss = createLoss({ name: 'arcface' }, { classes: 5, dim: 4 }) as UnifiedMargin
        noGrad(() => ops.copy_(loss.weight, float32(weight)))
        const head = new BlockedHead(loss, { block: 2, bf16 })
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
