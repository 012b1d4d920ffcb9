import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyModel } from '@arcface/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { openModel } from './open.js'
import { parsePack } from './pack.js'
import { pullPack } from './pull.js'
import { isRun, resolveDetector, resolveModel } from './resolve.js'

const room = mkdtempSync(join(tmpdir(), 'resolve-'))
const cache = join(room, 'cache')
const file = join(room, 'face.onnx')
const bytes = tinyModel({})
const sha256 = createHash('sha256').update(bytes).digest('hex')

/** A run of two steps, of which the first is the best. */
function makeRun(name: string): { run: string; best: string } {
  const run = join(room, name)
  const [best, latest] = ['step-1', 'step-2'].map((step) => join(run, 'checkpoints', step))
  for (const folder of [best!, latest!]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(run, 'config.yaml'), 'seed: 1\n')
  symlinkSync('step-1', join(run, 'checkpoints/best'))
  symlinkSync('step-2', join(run, 'checkpoints/latest'))
  return { run, best: best! }
}

beforeAll(async () => {
  writeFileSync(file, bytes)
  const described = {
    title: 'of the test',
    licence: { name: 'MIT', url: 'https://example.com', commercial: true },
    downloads: [
      { format: 'onnx', sources: [{ kind: 'file', path: file }], files: [{ name: 'a.onnx' }] },
    ],
  }
  const embedder = { file: 'a.onnx', preprocessing: { mean: 1, std: 2 } }
  for (const [name, parts] of [
    ['both', { detector: 'a.onnx', embedder }],
    ['points', { detector: 'a.onnx' }],
    ['vectors', { embedder }],
  ] as const)
    await pullPack(parsePack({ ...described, name, ...parts }, name), {
      allowUnverified: true,
      cache,
    })
})

describe('resolveModel', () => {
  it('knows a file, a pack and a run by the same sum', async () => {
    const { run, best } = makeRun('known')
    writeFileSync(join(best, 'model.onnx'), bytes)
    for (const model of [file, 'both', run])
      expect(await resolveModel(model, { cache })).toMatchObject({ sha256 })
    expect(await resolveModel('both', { cache })).toMatchObject({
      name: 'both',
      path: join(cache, 'packs/both/a.onnx'),
      preprocessing: { mean: [1, 1, 1], std: [2, 2, 2] },
    })
    expect(await resolveModel(run)).toMatchObject({ path: join(best, 'model.onnx') })
  })

  it('asks for the ONNX file of a run where there is none, and only then', async () => {
    const { run, best } = makeRun('asked')
    const asked: string[] = []
    const write = async (folder: string) => {
      asked.push(folder)
      writeFileSync(join(best, 'model.onnx'), bytes)
      return join(best, 'model.onnx')
    }
    await expect(resolveModel(run)).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
      message: expect.stringContaining('is a run'),
      hint: expect.stringContaining('exportRun'),
    })
    const first = await resolveModel(run, { run: write })
    expect(await resolveModel(run, { run: write })).toEqual(first)
    expect(asked).toEqual([run])
    expect([isRun(run), isRun(best)]).toEqual([true, false])
  })

  it.each([
    ['a folder that is no run', room, 'RECOGNIZE_USE'],
    ['a file that is not there', join(room, 'none.onnx'), 'ONNX_UNREADABLE'],
    ['the same without a folder', 'none.onnx', 'ONNX_UNREADABLE'],
    ['a name that no pack has', 'nobody', 'RECOGNIZE_PACK'],
    ['a pack without an embedder', 'points', 'RECOGNIZE_PACK'],
  ])('refuses %s', async (_, model, code) => {
    await expect(resolveModel(model, { cache })).rejects.toMatchObject({ code })
  })
})

describe('resolveDetector', () => {
  it('takes what is given, a file or a pack, else that of the model', async () => {
    const path = join(cache, 'packs/both/a.onnx')
    const found = (given: string | undefined, model: string) =>
      resolveDetector(given, model, { cache })
    expect(await found(file, 'both')).toEqual({ path: file, landmarks: undefined })
    expect(await found('points', file)).toMatchObject({ path: join(cache, 'packs/points/a.onnx') })
    expect(await found(undefined, 'both')).toMatchObject({ path })
  })

  it.each([
    ['a pack without one', 'vectors', 'RECOGNIZE_PACK'],
    ['a folder', room, 'RECOGNIZE_USE'],
    [
      'where neither the model nor the default pack, which is not installed, has one',
      undefined,
      'RECOGNIZE_PACK',
    ],
  ])('refuses %s', async (_, given, code) => {
    await expect(resolveDetector(given, 'vectors', { cache })).rejects.toMatchObject({ code })
  })
})

describe('openModel', () => {
  it("reads pixels as the pack says, and a caller's values replace single ones", async () => {
    const { embedder, ...known } = await openModel('both', { cache, preprocessing: { std: 4 } })
    try {
      expect(embedder.preprocessing).toMatchObject({ mean: [1, 1, 1], std: [4, 4, 4] })
      expect(known).toEqual({ name: 'both', sha256, thresholds: undefined })
    } finally {
      await embedder.close()
    }
  })
})
