import { manualSeed, type nn, noGrad, ops, Tensor, trace } from '@arcface/libtorch'
import { describe, expect, it, vi } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { DEVICE } from '../testing/device.js'
import { buildTraining } from './build.js'
import { LossScale } from './loss-scale.js'
import { launchStep, trainStep } from './step.js'

const [PEOPLE, N] = [5, 6]
const images = Uint8Array.from({ length: N * 112 * 112 * 3 }, (_, i) => (i * 7919) % 251)
const labels = Int32Array.from({ length: N }, (_, i) => (i * 3) % PEOPLE)

type Options = Pick<ConfigInput, 'head' | 'loss' | 'train' | 'optimizer'>

function build(options: Options) {
  const config = checkConfig({
    data: { roots: ['-'] },
    model: { backbone: 'r10-small', embedding: 16 },
    ...options,
    train: { device: DEVICE, ...options.train },
    optimizer: { lr: 0.05, warmup: 0, ...options.optimizer },
  })
  manualSeed(2)
  return { config, training: buildTraining(config, PEOPLE) }
}
const values = (modules: readonly nn.Module[]) =>
  modules.flatMap((one) =>
    [...one.stateDict().values()].flatMap((value) => [...value.toTypedArray()].map(Number)),
  )
const length = (of: readonly number[]) => Math.sqrt(of.reduce((sum, one) => sum + one * one, 0))
const distance = (a: readonly number[], b: readonly number[]) =>
  length(a.map((value, i) => value - b[i]!)) / length(b)

/** Three steps; with a scale they end on the device. */
function threeSteps(options: Options, scale: number | null) {
  const { config, training } = build(options)
  if (scale !== null) {
    training.scale = new LossScale(DEVICE)
    noGrad(() => ops.fill_(training.scale!.value, scale))
  }
  const outcomes = [0, 1, 2].map((step) =>
    trainStep(config, training, { images, labels, step, steps: 4 }),
  )
  const found = { outcomes, weights: values([training.backbone, training.head]) }
  training[Symbol.dispose]()
  return found
}

describe('a step that is decided on the device', () => {
  it.each<[string, Options]>([
    ['whole', {}],
    ['in parts, clipped', { train: { microBatch: 3, batchSize: N }, optimizer: { clipNorm: 0.5 } }],
    ['not clipped, without momentum', { optimizer: { clipNorm: 0, momentum: 0 } }],
    ['with a head in blocks', { head: { blocked: true } }],
  ])('is the one that is decided here, whatever the scale: %s', (_, options) => {
    const here = threeSteps(options, null)
    for (const scale of [1, 1024]) {
      const there = threeSteps(options, scale)
      // Of the sums of three steps in another order.
      expect(distance(there.weights, here.weights)).toBeLessThan(5e-5)
      there.outcomes.forEach((outcome, i) => {
        const like = here.outcomes[i]!
        expect(outcome.lossScale).toBe(scale)
        for (const key of ['loss', 'gradNorm', 'targetAngle', 'otherAngle', 'lr'] as const)
          expect(outcome[key]! / like[key]!).toBeCloseTo(1, 4)
        if (like.headGradNorm === null) expect(outcome.headGradNorm).toBeNull()
        else expect(outcome.headGradNorm! / like.headGradNorm).toBeCloseTo(1, 4)
        expect(outcome.nonFinite).toBeNull()
      })
    }
  })

  it.each([false, true])(
    'does not happen where gradients overflow; the scale falls: blocked %s',
    (blocked) => {
      const { config, training } = build({ head: { blocked } })
      training.scale = new LossScale(DEVICE)
      noGrad(() => ops.fill_(training.scale!.value, 2 ** 127))
      const modules = [training.backbone, training.head]
      const before = values(modules)
      const step = () => trainStep(config, training, { images, labels, step: 0, steps: 4 })
      const outcome = step()
      expect(outcome).toMatchObject({ nonFinite: null, lossScale: 2 ** 127 })
      expect(outcome.gradNorm).not.toBeLessThan(Infinity)
      expect(Number.isFinite(outcome.loss)).toBe(true)
      expect(values(modules)).toEqual(before)
      expect(training.scale.value.item()).toBe(2 ** 126)
      noGrad(() => ops.fill_(training.scale!.value, 1))
      expect(step().nonFinite).toBeNull()
      expect(values(modules)).not.toEqual(before)
      training[Symbol.dispose]()
    },
  )

  it('does not happen either where the network makes no numbers, and says so', () => {
    const { config, training } = build({})
    training.scale = new LossScale(DEVICE)
    const [first] = training.backbone.parameters()
    noGrad(() => ops.fill_(first!, Number.NaN))
    const before = values([training.backbone, training.head])
    const outcome = trainStep(config, training, { images, labels, step: 0, steps: 4 })
    expect(outcome.nonFinite).toBe('an embedding')
    expect(values([training.backbone, training.head])).toEqual(before)
    training[Symbol.dispose]()
  })
})

describe('launchStep', () => {
  it.each<[string, Options, number]>([
    // On the CPU alone `cosines` looks whether centres are of ordinary length: twice, at the smallest and the largest.
    ['centres with gradients', {}, DEVICE === 'cpu' ? 4 : 0],
    ['centres in blocks', { head: { blocked: true } }, 0],
    ['in parts', { head: { blocked: true }, train: { batchSize: N, microBatch: 3 } }, 0],
    ['a moving average', { head: { blocked: true }, train: { ema: 0.9 } }, 0],
  ])('asks for no value before its figures are read, once: %s', (_, options, looks) => {
    const { config, training } = build(options)
    training.scale = new LossScale(DEVICE)
    const values = vi.spyOn(Tensor.prototype, 'toTypedArray')
    let asked = 0
    const read = trace(
      (name) => {
        if (name === 'aten::_local_scalar_dense') asked++
      },
      () => launchStep(config, training, { images, labels, step: 0, steps: 4 }),
    )
    expect([asked, values.mock.calls.length]).toEqual([looks, 0])
    expect(read().nonFinite).toBeNull()
    expect(values.mock.calls.length).toBe(1)
    values.mockRestore()
    training[Symbol.dispose]()
  })
})
