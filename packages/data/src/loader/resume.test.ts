import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IMAGE_BYTES, IMAGE_SIZE, Random, shuffle } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { augment } from '../augment/augment.js'
import { writeRecords } from '../convert/write-records.js'
import { openFolders } from '../folders/folders.js'
import { openRecords } from '../folders/open-records.js'
import type { Sample } from '../folders/sample.js'
import { decodeImage } from '../images/decode.js'
import { Loader, type LoaderOptions } from './loader.js'
import { PeopleSampler } from './sampler.js'

const PEOPLE = 6
const IMAGES = 5
const adaface = {
  flip: true,
  crop: { probability: 0.2, minArea: 0.2 },
  lowResolution: { probability: 0.2, minSide: 22 },
  blur: { probability: 0.2, minSigma: 0.1, maxSigma: 2 },
  colorJitter: { probability: 0.2, brightness: 0.5, contrast: 0.5, saturation: 0.5 },
}

let dir: string
let samples: Sample[]
let records: Sample[]

/** JPEGs of all kinds, so that libjpeg-turbo and sharp both have their share. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-resume-'))
  const raw = { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } as const
  for (let person = 0; person < PEOPLE; person++) {
    mkdirSync(join(dir, 'faces', `person${person}`), { recursive: true })
    for (let i = 0; i < IMAGES; i++) {
      const random = new Random(person, i)
      const pixels = Uint8Array.from(
        { length: IMAGE_BYTES },
        (_, k) => (k % 200) + random.below(50),
      )
      const image = sharp(pixels, { raw })
      const file = join(dir, 'faces', `person${person}`, `${i}.jpg`)
      await (i === 1 ? image.toColourspace('cmyk') : image)
        .jpeg({ progressive: i === 2 })
        .toFile(file)
    }
  }
  const dataset = openFolders([join(dir, 'faces')])
  samples = dataset.samples
  const people = dataset.classes.map((name, person) => ({
    name,
    images: samples.filter(({ label }) => label === person),
  }))
  writeRecords(join(dir, 'train.rec'), people)
  records = openRecords(join(dir, 'train.rec')).samples
})
afterAll(() => rmSync(dir, { recursive: true }))

const digest = (image: Uint8Array) => createHash('sha256').update(image).digest('hex')

interface Copy {
  images: string[]
  indices: number[]
}

async function read(options: Partial<LoaderOptions>, epoch = 0, startStep = 0): Promise<Copy[]> {
  await using loader = new Loader({ samples, batchSize: 4, seed: 3, ...options })
  const copies: Copy[] = []
  for await (const { images, indices } of loader.epoch(epoch, startStep)) {
    const at = [...indices.keys()]
    copies.push({
      images: at.map((i) => digest(images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES))),
      indices: [...indices],
    })
  }
  return copies
}

describe('Loader of JPEGs', () => {
  it.each([
    ['no augmentation', {}],
    ['flips', { flip: true }],
    ["AdaFace's augmentation", adaface],
    ['moves', { ...adaface, translate: 4, rotate: 0.1 }],
  ])('gives what sharp and augment give: %s', async (_, options) => {
    const order = [...shuffle(3, 2, samples.length)]
    const expected = new Uint8Array(IMAGE_BYTES)
    const digests: string[] = []
    for (const index of order) {
      augment(await decodeImage(samples[index]!), options, new Random(3, 2, index), expected)
      digests.push(digest(expected))
    }
    for (const source of [samples, records])
      for (const cacheBytes of [0, 2 ** 30]) {
        await using loader = new Loader({
          ...{ samples: source, batchSize: 10, seed: 3, workers: 2, cacheBytes },
          augment: options,
        })
        for (let time = 0; time < 2; time++) {
          const images: string[] = []
          for await (const batch of loader.epoch(2))
            for (let i = 0; i < 10; i++)
              images.push(digest(batch.images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)))
          expect(images).toEqual(digests)
        }
      }
  })
})

describe('a saved position', () => {
  const sampler = { people: 2, images: 2 }

  it.each([
    ['shuffled', {}],
    ['P x K', { sampler }],
    ['a shard', { rank: 1, world: 2 }],
    ['a shard of P x K', { sampler, rank: 1, world: 2 }],
  ])('gives the batches of an unbroken run: %s', async (_, given) => {
    const options = { ...given, augment: adaface }
    const unbroken = await read(options, 3)
    expect(unbroken.length).toBeGreaterThan(2)
    for (const step of [1, unbroken.length - 1])
      expect(await read(options, 3, step)).toEqual(unbroken.slice(step))
    expect(await read(options, 3, unbroken.length)).toEqual([])
  })

  it('does not decode what it skips', async () => {
    // What the first three batches show is no image any more.
    const copy = join(dir, 'cut')
    mkdirSync(copy)
    const skipped = [...shuffle(3, 0, samples.length)].slice(0, 12)
    const cut = await Promise.all(
      samples.map(async (sample, i) => {
        const path = join(copy, `${i}.jpg`)
        await sharp(sample.path).jpeg().toFile(path)
        if (skipped.includes(i)) truncateSync(path, 100)
        return { ...sample, path }
      }),
    )
    const options = { samples: cut, batchSize: 4, seed: 3, onBadImage: 'fail' } as const
    await using loader = new Loader(options)
    let batches = 0
    for await (const _ of loader.epoch(0, 3)) batches++
    expect(batches).toBe(4)
    await expect(loader.epoch(0).next()).rejects.toMatchObject({ code: 'DATA_IMAGE_UNREADABLE' })
  })
})

describe('shards', () => {
  it('make up the batches of one process, each rank with as many', async () => {
    for (const [world, batchSize, dropLast] of [
      [2, 4, true],
      [3, 2, true],
      [2, 4, false],
      [3, 3, false],
    ] as const) {
      const whole = await read({ batchSize: batchSize * world, dropLast, augment: adaface }, 1)
      const shares: Copy[][] = []
      for (let rank = 0; rank < world; rank++)
        shares.push(await read({ batchSize, dropLast, augment: adaface, rank, world }, 1))
      const joined = whole.map((_, step) => ({
        images: shares.flatMap((share) => share[step]!.images),
        indices: shares.flatMap((share) => share[step]!.indices),
      }))
      for (const share of shares) expect(share).toHaveLength(whole.length)
      expect(joined).toEqual(whole)
      const shown = joined.flatMap(({ indices }) => indices)
      expect(new Set(shown).size).toBe(shown.length)
      if (!dropLast) expect(shown).toHaveLength(samples.length)
    }
  })

  it('of a sampler are the next batches of its order, rank after rank', async () => {
    const sampler = { people: 2, images: 2 }
    const labels = Int32Array.from(samples, ({ label }) => label)
    const order = [...new PeopleSampler(labels, sampler).order(3, 1, 3 * 2)]
    const shares = [
      await read({ sampler, rank: 0, world: 2 }, 1),
      await read({ sampler, rank: 1, world: 2 }, 1),
    ]
    expect(shares.map((share) => share.length)).toEqual([3, 3])
    const joined = [0, 1, 2].flatMap((step) => shares.flatMap((share) => share[step]!.indices))
    expect(joined).toEqual(order)
  })

  it('that cannot fill a batch each are refused', () => {
    const options = { samples, batchSize: 16, seed: 0 }
    expect(() => new Loader({ ...options, rank: 0, world: 2 })).toThrow(
      expect.objectContaining({
        code: 'DATA_OPTION',
        message: expect.stringContaining('2 processes'),
      }),
    )
    expect(() => new Loader({ ...options, rank: 2, world: 2 })).toThrow(
      expect.objectContaining({ code: 'DATA_OPTION', message: expect.stringContaining('rank') }),
    )
  })
})
