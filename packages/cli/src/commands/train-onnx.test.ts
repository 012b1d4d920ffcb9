import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { backends } from '@arcface/libtorch'
import { parsePack, pullPack } from '@arcface/recognize'
import { randomEmbedder } from '@arcface/testing'
import { readRun } from '@arcface/train'
import { beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'train-onnx-'))
const cache = join(room, 'cache')
const config = join(room, 'config.json')

const arcface = (...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ARCFACE_CACHE: cache },
  })

beforeAll(async () => {
  const file = join(room, 'face.onnx')
  writeFileSync(file, randomEmbedder())
  const described = {
    name: 'mine',
    title: 'of the test',
    licence: { name: 'MIT', url: 'https://example.com', commercial: true },
    downloads: [
      { format: 'onnx', sources: [{ kind: 'file', path: file }], files: [{ name: 'face.onnx' }] },
    ],
    embedder: { file: 'face.onnx', preprocessing: { colorOrder: 'BGR', mean: 2 } },
  }
  await pullPack(parsePack(described, 'pack'), { cache, allowUnverified: true })
  const faces = join(room, 'faces')
  await synthesizeFaces(faces, { people: 4, imagesPerPerson: 4, seed: 1 })
  writeFileSync(
    config,
    JSON.stringify({
      data: { roots: [faces] },
      model: { backbone: 'onnx', weights: 'mine', preprocessing: { std: 2 } },
      loss: { scale: 16 },
      head: { init: 'means' },
      optimizer: { lr: 0.01 },
      train: { epochs: 1, batchSize: 4, threads: 1 },
    }),
  )
})

describe('arcface train of an ONNX file', () => {
  const ranks = backends().includes('gloo') ? [1, 2] : [1]
  it.each(ranks)(
    'takes the name of a pack, and what the pack says of pixels: %i ranks',
    (count) => {
      const run = join(room, `of ${count}`)
      const { status, stderr } = arcface(
        'train',
        config,
        '--set',
        `output=${run}`,
        '--nproc',
        `${count}`,
      )
      expect(status, stderr).toBe(0)
      expect(stderr).toContain('face.onnx: pixels go in as BGR, white 255, mean 2, std 2')
      const { model } = readRun(run).config
      expect(model).toMatchObject({
        weights: join(cache, 'packs/mine/face.onnx'),
        embedding: 128,
        preprocessing: { colorOrder: 'BGR', range: 255, mean: [2, 2, 2], std: [2, 2, 2] },
      })
      expect(readFileSync(join(run, 'backbone.onnx')).equals(Buffer.from(randomEmbedder()))).toBe(
        true,
      )
    },
  )

  it('begins with a run, too', () => {
    const [first, second] = ['first', 'second'].map((name) => join(room, name)) as [string, string]
    expect(arcface('train', config, '--set', `output=${first}`).status).toBe(0)
    const again = ['--set', `model.weights=${first}`, '--set', 'model.preprocessing=null']
    const { status, stderr } = arcface('train', config, '--set', `output=${second}`, ...again)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('model.onnx: pixels go in as RGB, white 255, mean 0, std 1')
  })

  it('is exported in bytes, compared with the run, and the card says what it was begun from', async () => {
    const more = join(room, 'more')
    await synthesizeFaces(more, { people: 10, imagesPerPerson: 5, seed: 2 })
    const onnx = join(room, 'small.onnx')
    const given = ['--precision', 'int8', '--calibrate', more, '--min-cosine', '0', '--json']
    const { status, stdout, stderr } = arcface(
      'export',
      join(room, 'of 1'),
      '--onnx',
      onnx,
      ...given,
    )
    expect(status, stderr).toBe(0)
    const { precision, card } = JSON.parse(stdout)
    expect(precision).toMatchObject({ type: 'int8', calibrated: 25, checked: 25 })
    expect(precision.cosine.mean).toBeGreaterThan(0.9)
    const text = readFileSync(card, 'utf8')
    expect(text).toMatch(/Begun from \| face\.onnx/)
    expect(text).toContain('### Beside the float32 model')
  })

  it('learns of a pack by its name, without a backbone of its kind', () => {
    const run = join(room, 'student')
    const { status, stderr } = arcface(
      ...[
        'train',
        config,
        '--set',
        `output=${run}`,
        '--set',
        'head={}',
        '--set',
        'loss={name: none}',
      ],
      ...['--set', 'model={backbone: r10-small, embedding: 128}'],
      ...['--set', 'distill={teacher: mine, preprocessing: {std: 4}}'],
    )
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/cosine -?\d\.\d{3} to teacher/)
    expect(readRun(run).config.distill).toMatchObject({
      teacher: join(cache, 'packs/mine/face.onnx'),
      preprocessing: { colorOrder: 'BGR', range: 255, mean: [2, 2, 2], std: [4, 4, 4] },
    })
  })

  it('says how a pack that is not there is brought', () => {
    for (const [weights, message] of [
      ['sface', /RECOGNIZE_PACK.*not installed.*arcface models pull sface/s],
      ['nobody', /RECOGNIZE_PACK.*nobody/],
      ['none.onnx', /ONNX_UNREADABLE.*none\.onnx/],
    ] as const) {
      const run = join(room, weights)
      const set = ['--set', `output=${run}`, '--set', `model.weights=${weights}`]
      const { status, stderr } = arcface('train', config, ...set)
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
      expect(existsSync(run)).toBe(false)
    }
  })
})
