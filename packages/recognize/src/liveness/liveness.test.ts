import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { tinyModel } from '@arcface/testing'
import {
  type Box,
  LivenessChecker,
  type LivenessPart,
  type Pack,
  type Photo,
} from '@arcface/vision'
import { afterAll, describe, expect, it } from 'vitest'
import { parsePack } from '../models/pack.js'
import { pullPack } from '../models/pull.js'
import { resolveLiveness } from '../models/resolve.js'
import { modelFile } from '../network/network.js'
import { openLiveness } from './open.js'

const { FLOAT } = TensorProto_DataType
const dir = mkdtempSync(join(tmpdir(), 'liveness-'))
afterAll(() => rmSync(dir, { recursive: true }))

const SIZE = 32
interface Shape {
  readonly size?: number
  readonly batch?: number | 'N'
  readonly classes?: readonly [number, number][]
}

/** Logits of the highest values of the second and third plane of a crop: of each class two weights. */
function network(name: string, { size = SIZE, batch = 'N', classes = LIVE }: Shape = {}): string {
  const graph = new GraphBuilder('highest')
  const x = graph.input('x', FLOAT, [batch, 3, size, size])
  const highest = graph.add('Flatten', [graph.add('GlobalMaxPool', [x])])
  const weights = [0, 1, 2].flatMap((plane) =>
    classes.map((row) => (plane === 0 ? 0 : row[plane - 1]!)),
  )
  const constant = graph.constant(Float32Array.from(weights), [3, classes.length])
  const y = graph.add('MatMul', [highest, constant], {}, { output: 'y' })
  graph.output(y, FLOAT, [batch, classes.length])
  const path = join(dir, name)
  writeFileSync(path, graph.encode())
  return path
}
const LIVE: readonly [number, number][] = [
  [0, 0],
  [3, -2.5],
]

const partOf = (files: readonly string[], more: object = {}): LivenessPart =>
  packOf(files, more).liveness!

function packOf(files: readonly string[], more: object = {}, extra: readonly string[] = []): Pack {
  const model = {
    crop: 1.5,
    size: SIZE,
    input: { colorOrder: 'BGR', range: 1, mean: [0.64, 0.61, 0], std: [0.2, 0.1, 1] },
    outputs: { live: 1, of: 'logits' },
  }
  return parsePack(
    {
      name: 'mine',
      title: 'of a test',
      licence: { name: 'MIT', url: 'https://example.org', commercial: true },
      downloads: [...files, ...extra].map((file) => ({
        format: 'onnx',
        sources: [{ kind: 'file', path: join(dir, file) }],
        files: [{ name: file }],
      })),
      liveness: {
        models: files.map((file) => ({ file, ...model, ...more })),
        points: [
          { threshold: 0.5, measured: [{ by: 'arcface', on: 'nobody', bpcer: 0.25 }] },
          { threshold: 0.75, measured: [] },
        ],
      },
    },
    'a test',
  )
}

/** Red grows to the right, green downwards, a grey level a pixel. */
const ramp: Photo = {
  width: 250,
  height: 240,
  pixels: Uint8Array.from({ length: 250 * 240 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return [pixel % 250, Math.floor(pixel / 250), 9][i % 3]!
  }),
}
const box: Box = { x: 90.5, y: 80.25, width: 50, height: 64 }
const good = { box, rejected: [] }

const open = async (part: LivenessPart, options = {}) =>
  LivenessChecker.open(
    await Promise.all(part.models.map(({ file }) => modelFile(join(dir, file), { threads: 1 }))),
    part,
    options,
  )

/** By the formula: what a network that sees the highest red and green of five squares says; pixels of a ramp are its values. */
function expected(size: number, weights: readonly (readonly [number, number])[], live: number) {
  const scores = expectedEach(size, weights, live)
  return scores.reduce((sum, one) => sum + one, 0) / 5
}
function expectedEach(
  size: number,
  weights: readonly (readonly [number, number])[],
  live: number,
): number[] {
  const longer = 64
  const [cx, cy] = [90.5 + 25, 80.25 + 32]
  return [
    [1, 0, 0],
    [0.9, 0.05, 0.05],
    [1.1, -0.05, 0.05],
    [0.9, -0.05, -0.05],
    [1.1, 0.05, -0.05],
  ].map(([scale, dx, dy]) => {
    const side = 1.5 * longer * scale!
    const last = side / 2 - side / size / 2 - 0.5
    const green = ((cy + dy! * longer + last) / 255 - 0.61) / 0.1
    const red = ((cx + dx! * longer + last) / 255 - 0.64) / 0.2
    const powers = weights.map(([g, r]) => Math.exp(g * green + r * red))
    return powers[live]! / powers.reduce((sum, one) => sum + one, 0)
  })
}

describe('how living a face looks', () => {
  network('free.onnx')
  network('one.onnx', { batch: 1 })
  network('three.onnx', {
    classes: [
      [0.5, 0],
      [0, 0.75],
      [0.25, 0.25],
    ],
  })
  const first = expected(SIZE, LIVE, 1)

  it.each(['free.onnx', 'one.onnx'])('is the mean over five squares: %s', async (file) => {
    const checker = await open(partOf([file]))
    const found = await checker.check(ramp, good)
    expect(found.score).toBeCloseTo(first, 3)
    expect(found).toMatchObject({ threshold: 0.5, unsure: [], live: first >= 0.5 })
    expect(found.stands.measured).toEqual([{ by: 'arcface', on: 'nobody', bpcer: 0.25 }])
    await checker.close()
    await expect(checker.check(ramp, good)).rejects.toMatchObject({ code: 'VISION_USE' })
  })

  it('is the mean over networks, of any number of classes', async () => {
    const checker = await open(partOf(['free.onnx', 'three.onnx']))
    const found = await checker.check(ramp, good)
    const second = expected(SIZE, [[0.5, 0], [0, 0.75], [0.25, 0.25]], 1) // biome-ignore format: rows
    expect(found.scores).toEqual([
      { model: 'free.onnx', score: expect.closeTo(first, 3) },
      { model: 'three.onnx', score: expect.closeTo(second, 3) },
    ])
    expect(found.score).toBeCloseTo((first + second) / 2, 3)
    await checker.close()
  })

  it('is decided by a threshold of which is said what is known', async () => {
    for (const [threshold, measured] of [
      [0.75, 0],
      [0.5, 1],
      [0.123, 0],
    ] as const) {
      const checker = await open(partOf(['free.onnx']), { threshold })
      const { live, stands } = await checker.check(ramp, good)
      expect(live).toBe(first >= threshold)
      expect([stands.threshold, stands.measured.length]).toEqual([threshold, measured])
      await checker.close()
    }
  })

  it.each([
    ['rejected', { box, rejected: ['blurred'] as const }],
    ['border', { box: { ...box, x: -10 }, rejected: [] }],
    ['border', { box: { ...box, y: 2000 }, rejected: [] }],
    ['small', { box: { x: 100, y: 100, width: 8, height: 10 }, rejected: [] }],
  ] as const)('is not said of a face that is %s, and no error', async (why, face) => {
    const checker = await open(partOf(['free.onnx']))
    const { live, unsure, score } = await checker.check(ramp, face)
    expect({ live, unsure }).toEqual({ live: null, unsure: [why] })
    expect(score).toBeGreaterThanOrEqual(0)
    expect(score).toBeLessThanOrEqual(1)
    await checker.close()
  })
})

describe('a network that is not as its pack describes it', () => {
  network('large.onnx', { size: 48 })
  network('single.onnx', { classes: [[1, 1]] })
  network('steep.onnx', { classes: [[1e30, 1e30], [3e38, 3e38]] }) // biome-ignore format: rows
  writeFileSync(join(dir, 'tiny.onnx'), tinyModel())
  it.each([
    ['another size', 'large.onnx', {}, /32 x 32.*48 x 48/],
    ['an embedder', 'tiny.onnx', {}, /112 x 112/],
    ['a single class', 'single.onnx', { outputs: { live: 0, of: 'logits' } }, /at least 2.*x 1/],
    ['too few classes', 'free.onnx', { outputs: { live: 4, of: 'logits' } }, /at least 5.*x 2/],
    ['no probabilities', 'free.onnx', { outputs: { live: 1, of: 'probabilities' } }, /one is/],
    ['numbers without end', 'steep.onnx', { input: { mean: -1e30 } }, /what is no number/],
  ])('is refused: %s', async (_, file, more, message) => {
    await expect(open(partOf([file], more))).rejects.toMatchObject({
      code: 'VISION_LIVENESS',
      message: expect.stringMatching(message),
    })
  })

  it('a threshold, an option or networks that cannot be are refused', async () => {
    const part = partOf(['free.onnx'])
    await expect(open(part, { threshold: 1.5 })).rejects.toMatchObject({ code: 'VISION_USE' })
    await expect(open(part, { treshold: 0.5 })).rejects.toMatchObject({ code: 'VISION_USE' })
    await expect(LivenessChecker.open([], part)).rejects.toMatchObject({ code: 'VISION_USE' })
  })
})

describe('the networks of an installed pack', () => {
  const allow = { allowUnverified: true }
  it('that was installed without one say how to bring it, and a pull does', async () => {
    const cache = mkdtempSync(join(dir, 'cache-'))
    network('extra.onnx')
    const { folder } = await pullPack(packOf(['free.onnx'], {}, ['extra.onnx']), {
      cache,
      ...allow,
    })
    const manifest = join(folder, 'pack.json')
    const written = JSON.parse(readFileSync(manifest, 'utf8'))
    delete written.files['free.onnx']
    writeFileSync(manifest, JSON.stringify(written))
    rmSync(join(folder, 'free.onnx'))
    await expect(resolveLiveness('mine', 'mine', { cache })).rejects.toMatchObject({
      code: 'RECOGNIZE_PACK',
      message: expect.stringContaining('without free.onnx'),
      hint: expect.stringContaining("findPack('mine')"),
    })
    await pullPack(packOf(['free.onnx'], {}, ['extra.onnx']), { cache, ...allow })
    const checker = await openLiveness('mine', { cache, threads: 1 })
    expect((await checker.check(ramp, good)).score).toBeCloseTo(expected(SIZE, LIVE, 1), 3)
    await checker.close()
  })

  it('are none where the pack has none, or the option is none', async () => {
    const cache = mkdtempSync(join(dir, 'cache-'))
    const pack = { ...packOf(['free.onnx']), liveness: null }
    await pullPack(pack, { cache, ...allow })
    await expect(openLiveness('x', { pack: 'mine', cache })).rejects.toMatchObject({
      code: 'RECOGNIZE_PACK',
    })
    await expect(openLiveness('mine', { treshold: 1, cache } as object)).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
      message: expect.stringContaining('threshold'),
    })
  })
})

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))('MiniFASNet on photographs of ../shared', () => {
  it('takes living people for living, as its authors crop them', async () => {
    const { readPhoto } = await import('../photo/photo.js')
    const { openDetector } = await import('../detect/open.js')
    const detector = await openDetector(join(shared, 'models/yunet_s_640_640.onnx'))
    const part = partOf(['antispoof_minifas.onnx'], {
      size: 128,
      input: { range: 1 },
      outputs: { live: 0, of: 'logits' },
    })
    const source = await modelFile(join(shared, 'models/antispoof_minifas.onnx'))
    const checker = await LivenessChecker.open([source], part)
    const scores: number[] = []
    for (const person of readdirSync(join(shared, 'faces/photos')).slice(0, 8)) {
      const folder = join(shared, 'faces/photos', person)
      const photo = await readPhoto(join(folder, readdirSync(folder).sort()[0]!))
      const [face] = await detector.detect(photo)
      scores.push((await checker.check(photo, { box: face!.box, rejected: [] })).score)
    }
    expect(scores.filter((score) => score >= 0.5).length).toBeGreaterThanOrEqual(7)
    await Promise.all([checker.close(), detector.close()])
  })
})
