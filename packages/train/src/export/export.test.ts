import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readModel } from '@arcface/data/onnx'
import { liveTensors, nn, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import {
  ARCFACE_ALIGNMENT,
  getMetadata,
  insightfaceAccepts,
  insightfacePreprocessing,
  modelInputs,
  modelOutputs,
  parseArcfaceMetadata,
} from '@arcface/onnx'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { images } from '../testing/fill.js'
import { filledBackbone } from '../testing/network.js'
import { exportOnnx } from './export.js'
import { Graph } from './graph.js'
import { serialize } from './serialize.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arcface-export-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const METADATA = {
  backbone: 'tiny',
  loss: { name: 'arcface', scale: 32, margin: 0.4 },
  data: { name: 'faces', people: 7 },
  thresholds: { '1e-3': 0.25 },
}

/** The smallest network with a convolution, statistics and an embedding of 5. */
class Tiny extends nn.Module {
  readonly conv = this.child('conv', new nn.Conv2d(3, 4, 3, { stride: 2, bias: false }))
  readonly bn = this.child('bn', new nn.BatchNorm2d(4))
  readonly dropout = this.child('dropout', new nn.Dropout(0.5))
  readonly embedding = this.parameter('embedding', ops.randn([5, 4])) // the name of the output, too
  override forward(x: Tensor): Tensor {
    const features = ops.adaptiveAvgPool2d(this.bn.call(this.conv.call(x)), 1)
    return ops.linear(this.dropout.call(ops.flatten(features, 1)), this.embedding)
  }
}

const nchw = (pixels: Uint8Array, n: number): Float32Array => {
  const plane = pixels.length / n / 3
  const planes = new Float32Array(pixels.length)
  for (let i = 0; i < n; i++)
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < plane; p++)
        planes[(i * 3 + c) * plane + p] = pixels[(i * plane + p) * 3 + c]!
  return planes
}

/** Embeddings as libtorch computes them, in batches. */
function embedded(module: nn.Module, planes: Float32Array, n: number, batch: number): Float32Array {
  const rows: number[] = []
  const size = planes.length / n
  for (let start = 0; start < n; start += batch) {
    const count = Math.min(batch, n - start)
    const part = planes.slice(start * size, (start + count) * size)
    scope(() => {
      const input = ops.div(ops.sub(tensor(part, [count, 3, 112, 112]), 127.5), 127.5)
      rows.push(...noGrad(() => module.call(input)).toFloat32Array())
    })
  }
  return Float32Array.from(rows)
}

async function fromFile(path: string, planes: Float32Array, n: number, batch: number) {
  const session = await InferenceSession.create(path, { logSeverityLevel: 3, intraOpNumThreads: 1 })
  const rows: number[] = []
  const size = planes.length / n
  for (let start = 0; start < n; start += batch) {
    const count = Math.min(batch, n - start)
    const part = planes.slice(start * size, (start + count) * size)
    const input = new OrtTensor('float32', part, [count, 3, 112, 112])
    const { embedding } = await session.run({ input })
    expect(embedding!.dims[0]).toBe(count)
    rows.push(...(embedding!.data as Float32Array))
  }
  await session.release()
  return Float32Array.from(rows)
}

/** The smallest cosine between rows of the same number, in float64. */
function lowestCosine(a: Float32Array, b: Float32Array, n: number): number {
  const dim = a.length / n
  const cosines = Array.from({ length: n }, (_, i) => {
    let [dot, aa, bb] = [0, 0, 0]
    for (let j = i * dim; j < (i + 1) * dim; j++) {
      dot += a[j]! * b[j]!
      aa += a[j]! ** 2
      bb += b[j]! ** 2
    }
    return dot / Math.sqrt(aa * bb)
  })
  return Math.min(...cosines)
}

describe('an exported file', () => {
  it('says what it takes, gives and was trained with', async () => {
    const path = join(folder, 'tiny.onnx')
    const report = exportOnnx(new Tiny(), path, METADATA)
    const model = await readModel(path)
    expect(modelInputs(model)).toEqual([
      { name: 'input', elementType: 1, shape: ['batch', 3, 112, 112] },
    ])
    expect(modelOutputs(model)).toEqual([
      { name: 'embedding', elementType: 1, shape: ['batch', 5] },
    ])
    expect(parseArcfaceMetadata(getMetadata(model), path)).toEqual({
      ...METADATA,
      format: 1,
      dim: 5,
      alignment: ARCFACE_ALIGNMENT,
      input: {
        ...{ colorOrder: 'RGB', range: 255, mean: [0, 0, 0], std: [1, 1, 1] },
        ...{ layout: 'NCHW', size: [112, 112] },
      },
    })
    expect(report).toEqual({
      path,
      dim: 5,
      nodes: 7, // Sub, Mul, Conv, BatchNormalization, GlobalAveragePool, Flatten, Gemm
      parameters: 4 * 27 + 4 * 4 + 20 + 2,
      bytes: readFileSync(path).length,
    })
  })

  it("passes InsightFace's reading rules", async () => {
    const model = await readModel(join(folder, 'tiny.onnx'))
    expect(insightfaceAccepts(model)).toBe(true)
    expect(insightfacePreprocessing(model)).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] })
    expect(model.graph?.node.slice(0, 2).map(({ opType }) => opType)).toEqual(['Sub', 'Mul'])
  })

  it('keeps the names of the weights where they are free', async () => {
    const model = await readModel(join(folder, 'tiny.onnx'))
    const names = model.graph?.initializer.map(({ name }) => name)
    for (const name of ['conv.weight', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'])
      expect(names).toContain(name)
    expect(names).toContain('embedding_1')
  })

  it('leaves out inputs that a node does not have, where quantisers look for a tensor without a name', async () => {
    const model = await readModel(join(folder, 'tiny.onnx'))
    const convolutions = model.graph?.node.filter(({ opType }) => opType === 'Conv')
    expect(convolutions).not.toHaveLength(0)
    for (const { input } of model.graph?.node ?? []) expect(input.at(-1)).not.toBe('')
    expect(convolutions?.some(({ input }) => input.length === 2)).toBe(true)
  })

  it.each([
    ['channels_last', { memoryFormat: 'channels_last' as const }],
    ['bfloat16', { dtype: 'bfloat16' as const }],
  ])('holds float32 NCHW weights of a network in %s', async (name, format) => {
    const module = new Tiny().to(format).eval()
    const path = join(folder, `${name}.onnx`)
    exportOnnx(module, path, METADATA)
    module.to({ dtype: 'float32', memoryFormat: 'contiguous_format' })
    const planes = nchw(images('export', 3), 3)
    const cosine = lowestCosine(
      await fromFile(path, planes, 3, 3),
      embedded(module, planes, 3, 3),
      3,
    )
    expect(cosine).toBeGreaterThan(1 - 1e-6)
    const weight = (await readModel(path)).graph?.initializer.find((t) => t.name === 'conv.weight')
    expect(weight?.dims).toEqual([4n, 3n, 3n, 3n])
    expect(Buffer.from(weight!.rawData)).toEqual(
      Buffer.from(module.conv.weight.toFloat32Array().buffer),
    )
  })

  it('leaves the network as it was: modes, weights, memory', () => {
    const module = new Tiny()
    module.bn.eval()
    const before = [...module.stateDict().values()].map((value) => value.toTypedArray())
    const live = liveTensors()
    exportOnnx(module, join(folder, 'again.onnx'), METADATA)
    expect([...module.namedModules()].map(([, one]) => one.training)).toEqual([
      ...[true, true, false, true],
    ])
    expect([...module.stateDict().values()].map((value) => value.toTypedArray())).toEqual(before)
    expect(module.conv.weight.requiresGrad).toBe(true)
    module.dispose()
    expect(liveTensors()).toBeLessThan(live)
  })
})

describe('what cannot be written', () => {
  const mounted = (at: string, ...command: string[]) =>
    spawnSync(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        `mount -t tmpfs -o size=64k tmpfs ${at} && exec "$@"`,
        'sh',
        ...command,
      ],
      { encoding: 'utf8' },
    )
  const mayMount = mounted('/mnt', 'true').status === 0
  it.skipIf(!mayMount)('a full disk: the old file stays (needs the right to mount)', () => {
    const module = new URL('../../dist/export/file.js', import.meta.url)
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    const program = `
      import { readdirSync, readFileSync } from 'node:fs'
      import { writeModel } from '${module}'
      const path = '${disk}/full.onnx'
      writeModel(path, Buffer.from('old'))
      try { writeModel(path, Buffer.alloc(1e6)) } catch ({ code, message }) { console.log(code, message) }
      console.log(readFileSync(path, 'utf8'), readdirSync('${disk}').join())`
    const { stdout } = mounted(disk, process.execPath, '--input-type=module', '-e', program)
    const [error, left] = stdout.trim().split('\n')
    expect(error).toMatch(/^TRAIN_DISK_FULL .*full\.onnx: the disk is full/)
    expect(left).toBe('old full.onnx')
  })

  it('a folder that does not exist', () => {
    const path = join(folder, 'none', 'tiny.onnx')
    expect(() => exportOnnx(new Tiny(), path, METADATA)).toThrow(
      expect.objectContaining({ code: 'TRAIN_EXPORT', message: expect.stringContaining(path) }),
    )
  })

  it('metadata that says nothing useful', () => {
    const path = join(folder, 'bad.onnx')
    expect(() => exportOnnx(new Tiny(), path, { ...METADATA, thresholds: { often: 0.5 } })).toThrow(
      expect.objectContaining({ code: 'ONNX_BAD_METADATA' }),
    )
    expect(existsSync(path)).toBe(false)
  })

  it('weights of 2 GiB', () => {
    const graph = new Graph('input', 'embedding')
    const shape = [2 ** 15, 2 ** 14]
    const huge = graph.weight('huge', { type: 'float32', shape, data: () => new Float32Array() })
    const output = graph.add('MatMul', [graph.input, huge])
    expect(() => serialize(graph, output, { size: 112, dim: 1, outputName: 'embedding' })).toThrow(
      expect.objectContaining({
        code: 'TRAIN_EXPORT',
        message: expect.stringContaining('2.0 GiB'),
      }),
    )
  })
})

describe('the backbones agree with ONNX Runtime', () => {
  it.each([
    ['mobilefacenet', 100],
    ['r18', 32],
  ])('%s on %i images', async (name, n) => {
    const module = filledBackbone(name).eval()
    const path = join(folder, `${name}.onnx`)
    exportOnnx(module, path, { ...METADATA, backbone: name })
    const planes = nchw(images('export', n), n)
    const wanted = embedded(module, planes, n, 25)
    module.dispose()
    const shifted = Float32Array.from([...wanted.subarray(512), ...wanted.subarray(0, 512)])
    expect(lowestCosine(wanted, shifted, n)).toBeLessThan(0.99) // or the cosine would say nothing
    for (const batch of [1, 32]) {
      const got = await fromFile(path, planes, n, batch)
      expect(lowestCosine(got, wanted, n)).toBeGreaterThanOrEqual(0.99999)
    }
  })
})
