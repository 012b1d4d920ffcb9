import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { readModel } from '@arcface/data/onnx'
import { liveTensors, manualSeed } from '@arcface/libtorch'
import { getMetadata, modelInputs, parseArcfaceMetadata } from '@arcface/onnx'
import { randomEmbedder, tinyModel } from '@arcface/testing'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { ablate, loadAblation } from '../ablate/index.js'
import { createBackbone } from '../backbones/index.js'
import { cleanRun } from '../clean/clean.js'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { exportOnnx, exportRun } from '../export/index.js'
import { measureAngles } from '../geometry/index.js'
import { findCheckpoint, weightsFile } from '../run/checkpoint.js'
import { readRun } from '../run/folder.js'
import { loadRun, openRunEmbedder } from '../run/load.js'
import { openNetwork } from '../run/network.js'
import { images } from '../testing/fill.js'
import { trainUntil } from '../testing/runs.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'onnx-'))
const faces = join(room, 'faces')
/** Of others: convolutions without BatchNorm. */
const theirs = join(room, 'theirs.onnx')
/** Of ours, with BatchNorm. */
const ours = join(room, 'ours.onnx')

const config = (output: string, more: Partial<ConfigInput> = {}) =>
  checkConfig({
    output: join(room, output),
    data: { roots: [faces] },
    model: { backbone: ours },
    loss: { scale: 16, margin: 0.3 },
    optimizer: { lr: 0.05, backboneLr: 0.01 },
    train: { epochs: 2, batchSize: 8, threads: 1 },
    ...more,
  })

/** What a run goes on with, and what is loaded of it. */
const weights = (run: string) => {
  const folder = findCheckpoint(join(room, run), 'latest')
  const files = [join(folder, 'backbone.safetensors'), weightsFile(folder)]
  return Buffer.concat(files.map((file) => readFileSync(file)))
}

const interrupted = async (output: string, step: number, more: Partial<ConfigInput> = {}) =>
  (await trainUntil(config(output, more), step)).run

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 6, imagesPerPerson: 4, seed: 1 })
  writeFileSync(theirs, randomEmbedder())
  writeFileSync(`${theirs}.json`, '{"mean": [1, 2, 3]}')
  manualSeed(1)
  const backbone = createBackbone('r10-small', { embeddingSize: 24 })
  exportOnnx(backbone, ours, { backbone: 'r10-small', loss: { name: 'none' } })
  backbone.dispose()
})

describe('a training that begins with an ONNX file', () => {
  it('keeps the file in its run, and needs no other any more', async () => {
    const path = join(room, 'moved.onnx')
    writeFileSync(path, readFileSync(theirs))
    writeFileSync(`${path}.json`, '{"mean": [1, 2, 3]}')
    const model = { backbone: 'onnx', weights: path, preprocessing: { std: 2 } } as const
    await train(config('kept-whole', { model }))
    const run = await interrupted('kept', 4, { model })
    rmSync(path)
    rmSync(`${path}.json`)
    expect(await resume(run)).toMatchObject({ step: 6, finished: true })
    expect(weights('kept').equals(weights('kept-whole'))).toBe(true)

    const { config: stored } = readRun(run)
    expect(stored.model).toMatchObject({
      ...{ backbone: 'onnx', weights: path, embedding: 128 },
      preprocessing: { colorOrder: 'RGB', range: 255, mean: [1, 2, 3], std: [2, 2, 2] },
    })
    const file = join(run, 'backbone.onnx')
    expect(readFileSync(file).equals(readFileSync(theirs))).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const exported = join(room, 'kept.onnx')
    exportRun(run, exported)
    const again = await readModel(exported)
    const sha256 = createHash('sha256').update(readFileSync(theirs)).digest('hex')
    expect(parseArcfaceMetadata(getMetadata(again), exported)).toMatchObject({
      backbone: 'moved',
      base: { name: 'moved.onnx', sha256 },
      dim: 128,
      loss: { name: 'arcface' },
      input: { colorOrder: 'RGB', range: 255, mean: [0, 0, 0], std: [1, 1, 1] },
    })
    expect(again.graph!.node.slice(0, 2).map(({ opType }) => opType)).toEqual(['Sub', 'Mul'])
    expect(modelInputs(again)[0]!.shape).toEqual(['batch', 3, 112, 112])

    // As ONNX, as a run and as a teacher it is one network.
    const pixels = images('kept', 1)
    const { embed, close } = await openRunEmbedder(run)
    const rows = await embed(pixels, 1)
    await close()
    const planes = Float32Array.from(
      { length: pixels.length },
      (_, i) => pixels[(i % 12544) * 3 + Math.floor(i / 12544)]!,
    )
    const session = await InferenceSession.create(exported)
    const { embedding } = await session.run({ input: new OrtTensor(planes, [1, 3, 112, 112]) })
    const teacher = await openNetwork(run)
    expect(teacher.dim).toBe(128)
    teacher.network.dispose()
    const scale = Math.hypot(...rows)
    rows.forEach((value, i) => {
      expect(Math.abs(value - (embedding!.data as Float32Array)[i]!) / scale).toBeLessThan(1e-5)
    })
  })

  it.each<[string, Partial<ConfigInput>]>([
    ['BatchNorm', {}],
    [
      'an average and parts',
      { train: { epochs: 2, batchSize: 8, threads: 1, ema: 0.9, microBatch: 4 } },
    ],
    [
      'a mix with the start',
      {
        train: { epochs: 2, batchSize: 8, threads: 1, keep: 0.3 },
      },
    ],
    ['a head in blocks, sampled', { head: { blocked: true, sample: 0.5, init: 'means' } }],
    ['bf16', { train: { epochs: 2, batchSize: 8, threads: 1, precision: 'bf16' } }],
    ['softmax at means', { loss: { name: 'softmax' }, head: { init: 'means' } }],
  ])('resumes to the same bits, and frees every tensor: %s', async (name, more) => {
    const counts: number[] = []
    const losses: number[] = []
    await train(config(`${name}-whole`, more), {
      onStep: ({ loss }) => {
        counts.push(liveTensors())
        losses.push(loss)
      },
    })
    expect(new Set(counts.slice(2)).size).toBe(1)
    // Of batches of eight, one loss says little: the second epoch is compared with the first.
    const [first, second] = [losses.slice(0, 3), losses.slice(3)].map((epoch) =>
      Math.hypot(...epoch),
    )
    expect(second!).toBeLessThan(first!)
    await interrupted(`${name}-part`, 4, more)
    expect(await resume(join(room, `${name}-part`))).toMatchObject({ step: 6, finished: true })
    expect(weights(`${name}-part`).equals(weights(`${name}-whole`))).toBe(true)
    const { backbone } = loadRun(join(room, `${name}-part`))
    backbone.dispose()
  })

  it('begins with the weights of the file, and leaves frozen parts and their statistics as they are', async () => {
    const freeze = ['conv1', 'bn1', 'layer1']
    const run = await interrupted('frozen', 2, { model: { backbone: ours, freeze } })
    const { backbone } = loadRun(run)
    const before = await stateOf(ours)
    const after = new Map(
      [...backbone.stateDict()].map(([name, value]) => [name, value.toTypedArray()]),
    )
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
    for (const [name, values] of after) {
      const isFrozen = freeze.some((part) => name.startsWith(`${part}.`))
      expect(values.join() === before.get(name)!.join(), name).toBe(isFrozen)
    }
    backbone.dispose()
  })

  it('is cleaned and measured as any', async () => {
    const loss = { name: 'subcenter-arcface', scale: 16 }
    const run = await interrupted('sub', 2, { loss })
    mkdirSync(join(room, 'clean'))
    const { images: seen } = await cleanRun(run, { limit: Math.PI, out: join(room, 'clean') })
    expect(seen).toBe(24)
    const { sets, step } = await measureAngles(run, [], { checkpoint: 'latest' })
    expect([sets[0]!.images, step]).toEqual([24, 2])
  })

  it('can be an entry of an ablation, which knows it again', async () => {
    const path = join(room, 'ablation.json')
    writeFileSync(
      path,
      JSON.stringify({
        output: join(room, 'ablation'),
        data: { roots: [faces] },
        model: { backbone: ours },
        train: { epochs: 1, batchSize: 8, threads: 1 },
        ablation: { seeds: [1], entries: [{ label: 'arcface', loss: { scale: 16 } }] },
      }),
    )
    const states: string[] = []
    const onTrial = (_: unknown, __: number, state: string) => states.push(state)
    await ablate(loadAblation(path), { onTrial })
    await ablate(loadAblation(path), { onTrial })
    expect(states).toEqual(['new', 'finished'])
  })

  it('says that the file in its run is missing, or another', async () => {
    const run = await interrupted('damaged', 2)
    const file = join(run, 'backbone.onnx')
    const bytes = readFileSync(file)
    const refused = (message: RegExp) => {
      const hint = expect.stringContaining('back')
      const coded = { code: 'TRAIN_WEIGHTS', message: expect.stringMatching(message), hint }
      expect(() => loadRun(run)).toThrow(expect.objectContaining(coded))
      return expect(resume(run)).rejects.toMatchObject(coded)
    }
    writeFileSync(file, Buffer.from(bytes).fill(1, 200, 201))
    await refused(/backbone\.onnx: not the bytes that the training began with/)
    rmSync(file)
    await refused(/backbone\.onnx cannot be read/)
    writeFileSync(file, bytes)
    rmSync(join(run, 'backbone.json'))
    await refused(/backbone\.json/)
  })
})

/** What the weights of a file are, by name. */
async function stateOf(path: string) {
  const { network } = await openNetwork(path)
  const state = new Map([...network.stateDict()].map(([name, one]) => [name, one.toTypedArray()]))
  network.dispose()
  return state
}

describe('before a run is made, it is refused that', () => {
  const cases: [string, ConfigInput['model'], string, RegExp][] = [
    ['the file is missing', { backbone: 'none.onnx' }, 'TRAIN_WEIGHTS', /none\.onnx/],
    ['none is named', { backbone: 'onnx' }, 'TRAIN_CONFIG', /model\.weights: backbone onnx needs/],
    [
      'two are',
      { backbone: 'a.onnx', weights: 'b.onnx' },
      'TRAIN_CONFIG',
      /model\.weights: a\.onnx/,
    ],
    [
      'its embedding is to be another',
      { backbone: ours, embedding: 512 },
      'TRAIN_CONFIG',
      /24 values, not 512/,
    ],
    ['it is to drop out', { backbone: ours, dropout: 0.4 }, 'TRAIN_CONFIG', /model\.dropout/],
    [
      'a preprocessing is given with a backbone of ours',
      { backbone: 'r10-small', preprocessing: { std: 2 } },
      'TRAIN_CONFIG',
      /model\.preprocessing/,
    ],
    [
      'a preprocessing is misspelt',
      { backbone: ours, preprocessing: { colourOrder: 'BGR' } as never },
      'TRAIN_CONFIG',
      /preprocessing\.colourOrder; did you mean colorOrder/,
    ],
    [
      'a preprocessing divides by nothing',
      { backbone: ours, preprocessing: { std: 0 } },
      'TRAIN_CONFIG',
      /model\.preprocessing\.std: expected a number above 0, or three/,
    ],
    [
      'it is given as weights of a backbone of ours',
      { backbone: 'r10-small', weights: ours },
      'TRAIN_CONFIG',
      /model\.weights: .* set model\.backbone to onnx/,
    ],
    [
      'a part to freeze is none',
      { backbone: ours, freeze: ['layer9'] },
      'TRAIN_WEIGHTS',
      /no part layer9/,
    ],
  ]
  it.each(cases)('%s', async (name, model, code, message) => {
    const begin = async () => train(config(name, { model }))
    await expect(begin()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(existsSync(join(room, name))).toBe(false)
  })

  it.each([
    ['is no model', Buffer.from('no model'), 'ONNX_NOT_A_MODEL'],
    ['takes other images', tinyModel({ size: 96 }), 'TRAIN_IMPORT'],
    ['has two outputs', tinyModel({ secondOutput: true }), 'TRAIN_IMPORT'],
    ['makes no embeddings', tinyModel({ end: 'one-row' }), 'TRAIN_IMPORT'],
  ])('the file %s', async (what, bytes, code) => {
    const path = join(room, `${what}.onnx`)
    writeFileSync(path, bytes)
    await expect(train(config('refused', { model: { backbone: path } }))).rejects.toMatchObject({
      code,
    })
    expect(existsSync(join(room, 'refused'))).toBe(false)
  })
})
