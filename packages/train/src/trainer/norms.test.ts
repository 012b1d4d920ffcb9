import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { goodImages } from '@arcface/evaluate/run'
import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { Random } from '@arcface/vision'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { exportRun } from '../export/index.js'
import { embedder } from '../network/embed.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { openRunEmbedder } from '../run/load.js'
import { openNetwork } from '../run/network.js'
import { buildTraining } from '../step/build.js'
import { images } from '../testing/fill.js'
import { trainUntil } from '../testing/runs.js'
import { measureNorms } from './norms.js'
import { resume, train } from './trainer.js'

const { FLOAT } = TensorProto_DataType
const room = mkdtempSync(join(tmpdir(), 'norms-'))
const faces = join(room, 'faces')
const file = join(room, 'folded.onnx')

/** Two convolutions with biases, the second one a channel at a time, as a MobileFaceNet folded for use. */
function folded(): Uint8Array {
  const random = new Random(3)
  const graph = new GraphBuilder('folded')
  const weights = (name: string, ...shape: number[]) =>
    graph.constant(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal() / 5),
      shape,
      name,
    )
  const strided = { kernel_shape: { ints: [3, 3] }, strides: { ints: [4, 4] } }
  const x = graph.input('x', FLOAT, ['N', 3, 112, 112])
  const centred = graph.add('Mul', [
    graph.add('Sub', [x, graph.number(127.5)]),
    graph.number(1 / 128),
  ])
  const first = graph.add(
    'Conv',
    [centred, weights('first', 8, 3, 3, 3), weights('b1', 8)],
    strided,
  )
  const active = graph.add('Relu', [first])
  const second = [active, weights('second', 8, 1, 3, 3), weights('b2', 8)]
  const depthwise = graph.add('Conv', second, { ...strided, group: { int: 8 } })
  const flat = graph.add('Flatten', [depthwise])
  graph.output(graph.add('Gemm', [flat, weights('fc', 8 * 49, 16)]), FLOAT, ['N', 16])
  return graph.encode()
}

const config = (more: Partial<ConfigInput['model']> = {}) =>
  checkConfig({
    data: { roots: [faces] },
    model: { backbone: file, unfold: true, ...more },
    train: { batchSize: 4, ema: 0.9 },
  })

beforeAll(async () => {
  writeFileSync(file, folded())
  await synthesizeFaces(faces, { people: 5, imagesPerPerson: 4, seed: 4 })
})

describe('a folded BatchNorm', () => {
  it('comes back with the statistics of the images, and the network does what it did', async () => {
    using training = buildTraining(config(), 5)
    const { backbone, average } = training
    const embed = embedder(backbone, config().train)
    const { network } = await openNetwork(file)
    const pixels = images('norms', 3)
    const wanted = await embedder(network, config().train)(pixels, 3)
    const near = (found: Float32Array) => {
      const scale = Math.max(...wanted.map(Math.abs))
      wanted.forEach((value, i) => {
        expect(Math.abs(found[i]! - value) / scale).toBeLessThan(1e-5)
      })
    }
    near(await embed(pixels, 3))
    const { samples } = openFolders([faces])
    const told: number[] = []
    const onPass = (_: string, done: number) => told.push(done)
    expect(await measureNorms(training, config(), { samples }, { onPass })).toBe(true)
    expect(told).toEqual([16, 20])
    near(await embed(pixels, 3))
    near(await embedder(average!.network, config().train)(pixels, 3))

    // The first convolution by itself, without its bias.
    const state = backbone.stateDict()
    for await (const { rows, pixels: all } of goodImages(samples, samples.length))
      scope(() =>
        noGrad(() => {
          const planes = Float32Array.from(
            { length: all.length },
            (_, i) =>
              all[Math.floor(i / 37632) * 37632 + (i % 12544) * 3 + (Math.floor(i / 12544) % 3)]!,
          )
          const x = ops.div(ops.sub(tensor(planes, [rows.length, 3, 112, 112]), 127.5), 128)
          const z = ops.conv2d(x, state.get('first')!, null, 4)
          const mean = ops.meanDim(z, [0, 2, 3])
          const off = ops.sub(z, ops.reshape(mean, [1, -1, 1, 1]))
          const variance = ops.meanDim(ops.mul(off, off), [0, 2, 3])
          const same = (name: string, values: Float32Array) =>
            state
              .get(`first.norm.${name}`)!
              .toFloat32Array()
              .forEach((value, i) => {
                expect(value / values[i]!, `${name} ${i}`).toBeCloseTo(1, 4)
              })
          same('running_mean', mean.toFloat32Array())
          same('running_var', variance.toFloat32Array())
        }),
      )
    expect(state.has('b1')).toBe(false)
    network.dispose()
  })

  it('is what a mix with the start begins with', async () => {
    const mixed = checkConfig({ ...config(), train: { batchSize: 4, keep: 0.3 } })
    using training = buildTraining(mixed, 5)
    const { samples } = openFolders([faces])
    await measureNorms(training, mixed, { samples }, {})
    const state = training.backbone.stateDict()
    for (const one of [training.average!.network, training.average!.start!])
      for (const [name, value] of one.stateDict())
        expect(value.toTypedArray(), name).toEqual(state.get(name)!.toTypedArray())
  })

  it('resumes to the same bits, and is exported with the network', async () => {
    const given = (output: string) => ({
      ...config(),
      output: join(room, output),
      ...{
        train: { ...config().train, threads: 1, epochs: 2 },
        optimizer: { ...config().optimizer, lr: 0.01 },
      },
    })
    await train(given('whole'))
    await trainUntil(given('part'), 7)
    expect(await resume(join(room, 'part'))).toMatchObject({ step: 10, finished: true })
    const weights = (run: string) =>
      readFileSync(join(findCheckpoint(join(room, run), 'latest'), 'ema.safetensors'))
    expect(weights('part').equals(weights('whole'))).toBe(true)
    const exported = join(room, 'again.onnx')
    exportRun(join(room, 'part'), exported, { checkpoint: 'latest' })
    const { network } = await openNetwork(exported)
    const { embed, close } = await openRunEmbedder(join(room, 'part'), { checkpoint: 'latest' })
    const [pixels, { train: compute }] = [images('norms', 3), config()]
    const wanted = await embed(pixels, 3)
    const found = await embedder(network, compute)(pixels, 3)
    const scale = Math.max(...wanted.map(Math.abs))
    wanted.forEach((value, i) => {
      expect(Math.abs(found[i]! - value) / scale).toBeLessThan(1e-5)
    })
    await close()
    network.dispose()
  })

  it('is not measured where that is aborted', async () => {
    using training = buildTraining(config(), 5)
    const before = training.backbone.stateDict().get('first.norm.running_var')!.toFloat32Array()
    const signal = AbortSignal.abort()
    expect(await measureNorms(training, config(), openFolders([faces]), { signal })).toBe(false)
    const after = training.backbone.stateDict().get('first.norm.running_var')!.toFloat32Array()
    expect(after).toEqual(before)
  })

  it('goes with its convolution where that is frozen', () => {
    using training = buildTraining(config({ freeze: ['first'] }), 5)
    const trained = [...training.backbone.namedParameters()].flatMap(([name, { requiresGrad }]) =>
      requiresGrad ? [name] : [],
    )
    expect(trained.sort()).toEqual(['fc', 'second', 'second.norm.bias', 'second.norm.weight'])
  })
})
