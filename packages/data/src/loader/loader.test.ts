import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { IMAGE_BYTES, IMAGE_SIZE, Random, shuffle } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { augment } from '../augment/augment.js'
import { openFolders } from '../folders/folders.js'
import type { Sample } from '../folders/sample.js'
import { decodeImage } from '../images/decode.js'
import { Loader, type LoaderOptions } from './loader.js'
import { PeopleSampler } from './sampler.js'

const PEOPLE = 5
const IMAGES = 5
const BAD = ['person1/2.png', 'person3/0.png']
const everything = {
  flip: true,
  translate: 4,
  scale: 0.1,
  brightness: 0.2,
  contrast: 0.2,
  grayscale: 0.2,
  cutout: { probability: 0.5, minSize: 0.1, maxSize: 0.3 },
  lowResolution: { probability: 0.3, minSide: 20 },
}

let dir: string
let good: Sample[]
let withBad: Sample[]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-loader-'))
  const raw = { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } as const
  for (const root of ['good', 'bad'])
    for (let person = 0; person < PEOPLE; person++) {
      const folder = join(dir, root, `person${person}`)
      mkdirSync(folder, { recursive: true })
      for (let i = 0; i < IMAGES; i++) {
        const random = new Random(person, i)
        const pixels = Uint8Array.from({ length: IMAGE_BYTES }, () => random.below(256))
        const bytes = await sharp(pixels, { raw }).png({ compressionLevel: 1 }).toBuffer()
        const isBad = root === 'bad' && BAD.includes(`person${person}/${i}.png`)
        writeFileSync(join(folder, `${i}.png`), isBad ? bytes.subarray(0, 500) : bytes)
      }
    }
  good = openFolders([join(dir, 'good')]).samples
  withBad = openFolders([join(dir, 'bad')]).samples
})
afterAll(() => rmSync(dir, { recursive: true }))

interface Copy {
  /** A digest for each image. */
  images: string[]
  labels: number[]
  indices: number[]
}

function digests(images: Uint8Array): string[] {
  return Array.from({ length: images.length / IMAGE_BYTES }, (_, i) =>
    createHash('sha256')
      .update(images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES))
      .digest('hex'),
  )
}

async function epochOf(loader: Loader, epoch: number, startStep?: number): Promise<Copy[]> {
  const copies: Copy[] = []
  for await (const { images, labels, indices } of loader.epoch(epoch, startStep))
    copies.push({ images: digests(images), labels: [...labels], indices: [...indices] })
  return copies
}

async function read(options: Partial<LoaderOptions>, epochs = [0, 1]): Promise<Copy[][]> {
  await using loader = new Loader({ samples: good, batchSize: 4, seed: 3, ...options })
  const result: Copy[][] = []
  for (const epoch of epochs) result.push(await epochOf(loader, epoch))
  return result
}

describe('Loader', () => {
  it('gives the shuffled, augmented images with their labels', async () => {
    const [batches] = await read({ augment: everything, dropLast: false }, [5])
    expect(batches!.map((b) => b.labels.length)).toEqual([4, 4, 4, 4, 4, 4, 1])
    const order = [...shuffle(3, 5, good.length)]
    expect(batches!.flatMap((b) => b.indices)).toEqual(order)
    expect(batches!.flatMap((b) => b.labels)).toEqual(order.map((i) => good[i]!.label))
    const images = batches!.flatMap((b) => b.images)
    const expected = new Uint8Array(IMAGE_BYTES)
    for (const [position, index] of order.entries()) {
      const image = await decodeImage(good[index]!.path)
      augment(image, everything, new Random(3, 5, index), expected)
      expect(images[position]).toBe(digests(expected)[0])
    }
  })

  it('says which images it mirrored, those that stand in for a bad one too', async () => {
    const options = { batchSize: 5, seed: 3, augment: { flip: true } }
    for (const [samples, cacheBytes] of [
      [good, 0],
      [withBad, 2 ** 30],
    ] as const) {
      await using loader = new Loader({ ...options, samples, cacheBytes })
      const seen = new Set<number>()
      for await (const { images, indices, mirrored } of loader.epoch(0))
        for (const [i, index] of indices.entries()) {
          const straight = await decodeImage(samples[index]!)
          const turned = sharp(straight, {
            raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 },
          }).flop()
          const expected = mirrored[i] === 1 ? await turned.raw().toBuffer() : straight
          expect(digests(images)[i]).toBe(digests(expected)[0])
          seen.add(mirrored[i]!)
        }
      expect(seen).toEqual(new Set([0, 1]))
    }
  })

  it('gives the same bits for 1, 2 and 3 workers, any ring, with and without the cache', async () => {
    const reference = await read({ augment: everything })
    expect(reference[0]).toHaveLength(6)
    expect(reference[0]).not.toEqual(reference[1])
    for (const options of [
      { workers: 2 },
      { workers: 3, prefetch: 1 },
      { workers: 3, prefetch: 16, cacheBytes: 0 },
      { workers: 2, cacheBytes: good.length * IMAGE_BYTES - 1 },
    ])
      expect(await read({ augment: everything, ...options })).toEqual(reference)
  })

  it('resumes within an epoch, and starts anew after a loop was left', async () => {
    const [reference] = await read({}, [2])
    await using loader = new Loader({ samples: good, batchSize: 4, seed: 3, workers: 2 })
    expect(await epochOf(loader, 2, 4)).toEqual(reference!.slice(4))
    for await (const _ of loader.epoch(1)) break
    expect(await epochOf(loader, 2)).toEqual(reference)
    expect(await epochOf(loader, 2, 6)).toEqual([])
  })

  it('puts the next image of the epoch in the place of a bad one, and names the bad ones', async () => {
    const isBad = (index: number) => BAD.some((name) => withBad[index]!.path.endsWith(name))
    const order = [...shuffle(3, 0, withBad.length)]
    const expected = order.map((_, p) => {
      let q = p
      while (isBad(order[q % order.length]!)) q++
      return order[q % order.length]!
    })
    let reference: Copy[] | undefined
    for (const workers of [1, 3]) {
      const options = { samples: withBad, batchSize: 5, seed: 3, workers, augment: { flip: true } }
      await using loader = new Loader(options)
      const batches = await epochOf(loader, 0)
      expect(batches.flatMap((b) => b.indices)).toEqual(expected)
      reference ??= batches
      expect(batches).toEqual(reference)
      await epochOf(loader, 1)
      expect(loader.skipped.map(({ path }) => path)).toEqual(
        BAD.map((name) => join(dir, 'bad', name)),
      )
      expect(loader.skipped[0]!.message).toContain(BAD[0])
    }
  })

  it('fails at the batch with the bad image when told to, and can go on', async () => {
    const options = { samples: withBad, batchSize: 1, seed: 3, workers: 2 }
    await using loader = new Loader({ ...options, onBadImage: 'fail' })
    const order = [...shuffle(3, 0, withBad.length)]
    const first = order.findIndex((i) => BAD.some((name) => withBad[i]!.path.endsWith(name)))
    let seen = 0
    const reading = async () => {
      for await (const _ of loader.epoch(0)) seen++
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'DATA_IMAGE_UNREADABLE',
      message: expect.stringContaining(basename(withBad[order[first]!]!.path)),
    })
    expect(seen).toBe(first)
    const next = loader.epoch(0)
    expect((await next.next()).done).toBe(false)
    await next.return()
  })

  it('ends with an error when no image is good', async () => {
    const samples = [{ path: join(dir, 'none.jpg'), label: 0 }]
    await using loader = new Loader({ samples, batchSize: 1, seed: 0 })
    await expect(epochOf(loader, 0)).rejects.toMatchObject({ code: 'DATA_NO_GOOD_IMAGE' })
    expect(loader.skipped).toHaveLength(1)
  })

  it('says of a data set of another size which, with an example and what to do', async () => {
    const samples = await Promise.all(
      [1, 2, 3].map(async (i) => {
        const path = join(dir, `large-${i}.png`)
        await sharp({ create: { width: 160, height: 160, channels: 3, background: 'red' } })
          .png()
          .toFile(path)
        return { path, label: 0 }
      }),
    )
    await using loader = new Loader({ samples, batchSize: 2, seed: 0 })
    await expect(epochOf(loader, 0)).rejects.toMatchObject({
      code: 'DATA_NO_GOOD_IMAGE',
      message: expect.stringMatching(
        /None of 3 images.*large-\d\.png is 160 x 160 pixels.*112 x 112/,
      ),
      hint: expect.stringContaining('prepareFolder'),
    })
  })

  it('refuses options that make no sense, a second reader, and use after close', async () => {
    const refusal = (options: Partial<LoaderOptions>) =>
      expect(() => new Loader({ samples: good, batchSize: 4, seed: 0, ...options })).toThrow(
        expect.objectContaining({ code: 'DATA_OPTION' }),
      )
    refusal({ batchSize: 0 })
    refusal({ batchSize: 26 })
    refusal({ samples: [], dropLast: false })
    refusal({ seed: -1 })
    refusal({ workers: 0 })
    refusal({ augment: { translate: -1 } })
    const loader = new Loader({ samples: good, batchSize: 4, seed: 0 })
    const reading = loader.epoch(0)
    await reading.next()
    await expect(loader.epoch(0).next()).rejects.toMatchObject({ code: 'DATA_LOADER_BUSY' })
    await loader.close()
    await loader.close()
    await expect(reading.next()).rejects.toMatchObject({ code: 'DATA_LOADER_CLOSED' })
    await expect(loader.epoch(0).next()).rejects.toMatchObject({ code: 'DATA_LOADER_CLOSED' })
  })

  it('fills the ring while the main thread is blocked', async () => {
    await using loader = new Loader({ samples: good, batchSize: 4, seed: 0, prefetch: 5 })
    const reading = loader.epoch(0)
    await reading.next()
    // Without a message from this thread: it waits in the manner of a long native call.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    let turns = 0
    const count = () => {
      turns++
      turning = setImmediate(count)
    }
    let turning = setImmediate(count)
    for (let i = 0; i < 4; i++) await reading.next()
    clearImmediate(turning)
    expect(turns).toBeLessThanOrEqual(8) // one turn of the event loop a batch, or two: no waiting
    await reading.return()
  })
})

describe('Loader with a sampler', () => {
  const options = { batchSize: 6, sampler: { people: 3, images: 2 }, augment: everything }

  it('gives the batches of the sampler, whatever the workers, and resumes within an epoch', async () => {
    const labels = Int32Array.from(good, ({ label }) => label)
    const order = [...new PeopleSampler(labels, options.sampler).order(3, 1, 4)]
    const reference = await read(options, [1])
    expect(reference[0]!.map((b) => b.indices.length)).toEqual([6, 6, 6, 6])
    expect(reference[0]!.flatMap((b) => b.indices)).toEqual(order)
    expect(reference[0]!.flatMap((b) => b.labels)).toEqual(order.map((i) => labels[i]))
    expect(await read({ ...options, workers: 3, prefetch: 2 }, [1])).toEqual(reference)
    await using loader = new Loader({ ...options, samples: good, seed: 3 })
    expect(await epochOf(loader, 1, 2)).toEqual(reference[0]!.slice(2))
  })

  it('shows an image that it repeats with another augmentation', async () => {
    const samples = good.filter(({ label }, i) => label > 1 || i % IMAGES === 0)
    const [batches] = await read(
      { ...options, samples, batchSize: 10, sampler: { people: 5, images: 2 } },
      [0],
    )
    const [first] = batches!
    const single = first!.indices.filter((i) => samples[i]!.label === 0)
    expect(single[0]).toBe(single[1])
    const shown = first!.images.filter((_, at) => first!.labels[at] === 0)
    expect(shown[0]).not.toBe(shown[1])
  })

  it('puts another image of the same person in the place of a bad one', async () => {
    const labels = Int32Array.from(withBad, ({ label }) => label)
    const planned = new PeopleSampler(labels, options.sampler).order(3, 0, 4)
    const isBad = (index: number) => BAD.some((name) => withBad[index]!.path.endsWith(name))
    expect([...planned].some(isBad)).toBe(true)
    for (const workers of [1, 3]) {
      const [batches] = await read({ ...options, samples: withBad, workers }, [0])
      const shown = batches!.flatMap((b) => b.indices)
      expect(shown.some(isBad)).toBe(false)
      expect(shown.map((i) => labels[i])).toEqual([...planned].map((i) => labels[i]))
      for (const [at, index] of planned.entries()) if (!isBad(index)) expect(shown[at]).toBe(index)
    }
  })

  it('refuses what batch or data cannot hold', () => {
    for (const wrong of [{ batchSize: 5 }, { batchSize: 12, sampler: { people: 6, images: 2 } }])
      expect(() => new Loader({ samples: good, seed: 0, ...options, ...wrong })).toThrow(
        expect.objectContaining({ code: 'DATA_OPTION' }),
      )
  })
})

describe('a process with a loader', () => {
  const index = pathToFileURL(createRequire(import.meta.url).resolve('@arcface/data')).href
  const run = (script: string) =>
    promisify(execFile)(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { Loader, openFolders } from ${JSON.stringify(index)}
         const { samples } = openFolders([${JSON.stringify(join(dir, 'good'))}])
         const loader = new Loader({ samples, batchSize: 4, seed: 0, workers: 2 })
         ${script}`,
      ],
      { timeout: 60_000 },
    )

  it('exits by itself after close, and also without', async () => {
    await expect(run('')).resolves.toMatchObject({ stderr: '' })
    const half = 'for await (const batch of loader.epoch(0)) break;'
    await expect(run(half)).resolves.toMatchObject({ stderr: '' })
    await expect(run(`${half} await loader.close()`)).resolves.toMatchObject({ stderr: '' })
  })

  it('learns of the death of a worker as a coded error', async () => {
    // Node's own terminate(), called in place of the first order, is the death.
    const { stdout } = await run(`
      const { Worker } = await import('node:worker_threads')
      const post = Worker.prototype.postMessage
      Worker.prototype.postMessage = function (message) {
        return message.kind === 'run' ? this.terminate() : post.call(this, message)
      }
      try {
        for await (const batch of loader.epoch(0)) ;
      } catch (error) {
        console.log(error.code, error.message)
      }
      await loader.close()`)
    expect(stdout).toMatch(/^DATA_WORKER_DIED .*\(exit code \d\)/)
  })
})
