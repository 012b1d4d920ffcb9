import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readModel } from '@arcface/data/onnx'
import { nn } from '@arcface/libtorch'
import { getMetadata, parseArcfaceMetadata } from '@arcface/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveCheckpoint } from '../checkpoint/save.js'
import { checkConfig } from '../config/load.js'
import { createRun } from '../run/folder.js'
import { buildTraining } from '../step/build.js'
import { exportRun } from './run.js'

const config = checkConfig(
  {
    data: { roots: ['photos/actors', 'photos/singers/'] },
    model: { backbone: 'mobilefacenet-small', embedding: 16 },
    loss: { scale: 32, margin: 0.4 },
  },
  'test',
)

const NAME = 'conv_sep.layers.1.weight'

let run: string
const scale = (step: number): number => step / 8

beforeAll(async () => {
  run = mkdtempSync(join(tmpdir(), 'arcface-export-run-'))
  createRun(run, config, ['a', 'b', 'c'])
  const training = buildTraining(config, 3)
  const weight = training.backbone.stateDict().get(NAME)
  for (const [step, score] of [
    [3, 0.8],
    [5, 0.7],
  ] as const) {
    nn.init.constant(weight!, scale(step))
    const counts = { step, stepsPerEpoch: 10, samples: 30, stale: 0, lrShare: 1, globalBatch: 8 }
    await saveCheckpoint(run, training, { ...counts, score, best: 0.8, bestStep: 3 }, config)
  }
})
afterAll(() => rmSync(run, { recursive: true }))

describe('a run as an ONNX file', () => {
  it.each([
    ['best', 3],
    ['latest', 5],
  ])('holds the %s checkpoint', async (checkpoint, step) => {
    const path = join(run, `${checkpoint}.onnx`)
    expect(exportRun(run, path, { checkpoint })).toMatchObject({ path, step, dim: 16 })
    const model = await readModel(path)
    const found = model.graph?.initializer.find((one) => one.name === NAME)
    expect(Buffer.from(found!.rawData).readFloatLE()).toBe(scale(step))
    expect(parseArcfaceMetadata(getMetadata(model), path)).toMatchObject({
      dim: 16,
      backbone: 'mobilefacenet-small',
      loss: { name: 'arcface', scale: 32, margin: 0.4 },
      data: { name: 'actors + singers', people: 3, step },
    })
  })

  it('takes the best checkpoint by itself', () => {
    expect(exportRun(run, join(run, 'x.onnx')).step).toBe(3)
  })

  it('names what is no run', () => {
    const none = join(run, 'none')
    expect(() => exportRun(none, join(run, 'x.onnx'))).toThrow(
      expect.objectContaining({ code: 'TRAIN_RUN', message: expect.stringContaining(none) }),
    )
  })
})
