import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { nn, noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { buildTraining } from '../step/build.js'
import { nonFinitePart } from '../step/non-finite.js'
import { trainStep } from '../step/step.js'
import { NonFiniteGuard } from './non-finite-guard.js'
import { train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'non-finite-'))
const config = (more: Partial<ConfigInput> = {}) =>
  checkConfig({
    data: { roots: [join(room, 'faces')] },
    model: { backbone: 'r10-small', embedding: 16 },
    ...more,
  })
const images = Uint8Array.from({ length: 4 * 112 * 112 * 3 }, (_, i) => (i * 7919) % 256)
const labels = Int32Array.of(0, 1, 2, 3)

describe('trainStep', () => {
  it('leaves weights and statistics as they were where the loss is NaN, and goes on after it', () => {
    const training = buildTraining(config(), 4)
    const { backbone, head } = training
    const state = () =>
      [...backbone.stateDict(), ...head.stateDict()].map(([name, value]) => [
        name,
        [...value.toTypedArray()],
      ])
    const step = () => trainStep(config(), training, { images, labels, step: 1, steps: 4 })
    expect(step().nonFinite).toBeNull()
    const before = state()
    const good = head.centres!.toFloat32Array()
    noGrad(() => ops.fill_(head.centres!, Number.NaN))
    const failed = step()
    expect(failed.nonFinite).toBe('the loss')
    noGrad(() => scope(() => ops.copy_(head.centres!, tensor(good, [4, 16]))))
    expect(state()).toEqual(before)
    expect(step().nonFinite).toBeNull()
    for (const module of [backbone, head]) module.dispose()
  })
})

describe('nonFinitePart', () => {
  it('names the first part in the order of the computation', () => {
    scope(() => {
      const [backbone, head] = [new nn.Linear(1, 1), new nn.Linear(1, 1)]
      const fine = tensor([1])
      const wrong = tensor([Number.POSITIVE_INFINITY])
      const parts = { embeddings: fine, loss: fine, backbone, head }
      expect(nonFinitePart({ ...parts, embeddings: wrong, loss: wrong })).toBe('an embedding')
      expect(nonFinitePart({ ...parts, loss: tensor([Number.NaN]) })).toBe('the loss')
      backbone.weight.grad = ops.reshape(wrong, [1, 1])
      expect(nonFinitePart(parts)).toBe('the gradient of backbone.weight')
      head.bias!.grad = wrong
      expect(nonFinitePart(parts)).toBe('the gradient of head.bias')
      for (const module of [backbone, head]) module.dispose()
    })
  })
})

describe('NonFiniteGuard', () => {
  const bad = { loss: Number.NaN, lr: 0.1, marginShare: 1, gradNorm: 1, nonFinite: 'the loss' }
  const indices = Int32Array.of(0)
  const samples = [{ path: 'a.jpg', label: 0 }]

  it('halves the rate at each failure, and gives up after ten in a row', () => {
    const guard = new NonFiniteGuard(room, 'lower-lr', samples, 1)
    expect(guard.check(1, { ...bad, nonFinite: null }, { indices })).toBeNull()
    expect(guard.check(2, bad, { indices })).toMatch(/0\.5 of the schedule/)
    guard.check(3, bad, { indices })
    expect(guard.lrShare).toBe(0.25)
    guard.check(4, { ...bad, nonFinite: null }, { indices })
    for (let step = 5; step < 14; step++) guard.check(step, bad, { indices })
    new NonFiniteGuard(room, 'skip', samples, 1, 3).check(2, bad, { indices })
    const files = readdirSync(join(room, 'non-finite'))
    expect(files).toEqual(expect.arrayContaining(['step-2.json', 'step-2-rank-3.json']))
    expect(() => guard.check(14, bad, { indices })).toThrow(/step 14: the loss is not finite/)
  })
})

describe('train', () => {
  beforeAll(() => synthesizeFaces(join(room, 'faces'), { people: 4, imagesPerPerson: 6, seed: 1 }))

  it.each(['stop', 'skip'] as const)(
    '%s: ends with a coded error and the batch on disk',
    async (onNonFinite) => {
      const output = join(room, onNonFinite)
      const warnings: string[] = []
      const diverging = config({
        output,
        optimizer: { lr: 1e30, warmup: 0, clipNorm: 0 },
        train: { epochs: 8, batchSize: 8, threads: 1, onNonFinite },
      })
      await expect(
        train(diverging, { onWarning: (warning) => warnings.push(warning) }),
      ).rejects.toMatchObject({ code: 'TRAIN_NON_FINITE' })
      const files = readdirSync(join(output, 'non-finite'))
      expect(files).toHaveLength(onNonFinite === 'stop' ? 1 : 10)
      expect(warnings.filter((one) => /is skipped/.test(one))).toHaveLength(files.length - 1)
      const record = JSON.parse(readFileSync(join(output, 'non-finite', files[0]!), 'utf8'))
      expect(record.images).toHaveLength(8)
      expect(record.images[0].path).toMatch(/\.(jpg|png)$/)
    },
  )
})
