import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { deviceCode, noGrad, ops, TorchError } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadCheckpoint } from '../checkpoint/load.js'
import { saveCheckpoint } from '../checkpoint/save.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { buildTraining } from '../step/build.js'
import { smallConfig } from '../testing/runs.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'device-trouble-'))
const faces = join(room, 'faces')
const config = (output: string) =>
  smallConfig(join(room, output), faces, { checkpoint: { every: 2 } })
const weights = (run: string) =>
  readFileSync(join(findCheckpoint(join(room, run)), 'backbone.safetensors'))

/** As the bridge throws what libtorch says. */
const said = (text: string) => new TorchError(deviceCode(text)!, `aten::mm(x, y): ${text}`)

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 })
  await train(config('unbroken'))
})

describe('a training whose device fails', () => {
  it.each<[string, string, RegExp, () => unknown]>([
    [
      'memory',
      'TRAIN_OUT_OF_MEMORY',
      /no memory left on cpu .*Set train\.microBatch to 4 \(8 images/,
      () => ops.empty([2 ** 50]), // libtorch's own refusal
    ],
    [
      'lost',
      'TRAIN_DEVICE_LOST',
      /cpu failed during the training \(CUDA error: an illegal memory access/,
      () => {
        throw said('CUDA error: an illegal memory access was encountered\nCUDA kernel errors')
      },
    ],
  ])(
    'ends with what to do, keeps its checkpoints, and resumes to the same bits: %s',
    async (run, code, message, fail) => {
      const broken = train(config(run), {
        onStep: ({ step }) => {
          if (step === 5) fail()
        },
      })
      await expect(broken).rejects.toMatchObject({
        ...{ name: 'TrainError', code, message: expect.stringMatching(message) },
        cause: expect.any(TorchError),
      })
      expect(findCheckpoint(join(room, run))).toMatch(/latest$/)
      expect(await resume(join(room, run))).toMatchObject({ step: 12, finished: true })
      expect(weights(run).equals(weights('unbroken'))).toBe(true)
    },
  )
})

describe('a checkpoint of float16', () => {
  it('has the scale of the loss, and brings it back', async () => {
    const run = join(room, 'half')
    const half = smallConfig(run, faces, { train: { batchSize: 8, threads: 1, precision: 'fp16' } })
    const [training, other] = [buildTraining(half, 8), buildTraining(half, 8)]
    noGrad(() => ops.fill_(training.scale!.value, 512))
    training.scale!.update(ops.zeros([1]))
    const counts = { step: 1, stepsPerEpoch: 6, samples: 48, globalBatch: 8 }
    const scores = { best: null, bestStep: null, score: null, stale: 0, lrShare: 1 }
    const folder = await saveCheckpoint(run, training, { ...counts, ...scores }, half)
    expect(existsSync(join(folder, 'scale.safetensors'))).toBe(true)
    expect(loadCheckpoint(folder, other)).toBeNull()
    const state = [...other.scale!.stateDict()].map(([name, value]) => [name, value.item()])
    expect(state).toEqual([
      ['value', 512],
      ['good', 1],
    ])
    for (const one of [training, other]) one[Symbol.dispose]()
  })
})
