import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PreprocessingInput } from '@arcface/onnx'
import { tinyModel } from '@arcface/testing'
import { cosine, Limit, Random } from '@arcface/vision'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedder } from '../embedder/open.js'
import { Recognizer } from './recognizer.js'

const room = mkdtempSync(join(tmpdir(), 'recognizer-'))
const pause = () => new Promise((done) => setTimeout(done, 2))

describe('Limit', () => {
  it('runs no more at once than allowed, all in the end, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 12 }),
        async (width, count) => {
          const limit = new Limit(width)
          let [now, most] = [0, 0]
          const begun: number[] = []
          const work = Array.from({ length: count }, (_, i) =>
            limit.run(undefined, async () => {
              begun.push(i)
              most = Math.max(most, ++now)
              await pause()
              now--
              if (i % 3 === 0) throw new Error('fails')
            }),
          )
          await Promise.allSettled(work)
          expect(most).toBe(Math.min(width, count))
          expect(begun).toEqual([...begun.keys()])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('takes weights: what is heavy waits for room, and goes alone where it is more than all', async () => {
    const limit = new Limit(10)
    const now = new Set<string>()
    const seen: string[] = []
    const work = (name: string, weight: number) =>
      limit.run(
        undefined,
        async () => {
          now.add(name)
          seen.push([...now].sort().join(''))
          await pause()
          now.delete(name)
        },
        weight,
      )
    await Promise.all([work('a', 6), work('b', 4), work('c', 5), work('d', 99), work('e', 1)])
    expect(seen).toEqual(['a', 'ab', expect.stringContaining('c'), 'd', 'e'])
  })

  it('forgets who gives up waiting', async () => {
    const limit = new Limit(1)
    const stop = new AbortController()
    const first = limit.run(undefined, pause)
    const second = limit.run(stop.signal, pause)
    stop.abort()
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
    await first
    expect(await limit.run(undefined, async () => 5)).toBe(5)
    await expect(limit.run(stop.signal, pause)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('Recognizer', () => {
  it('says what is missing', async () => {
    const pack = {
      code: 'RECOGNIZE_PACK',
      message: expect.stringMatching(/faceplugin is not installed/),
      hint: expect.stringContaining("pullPack(findPack('faceplugin'))"),
    }
    await expect(Recognizer.open({ cache: room })).rejects.toMatchObject(pack)
    const model = join(room, 'tiny.onnx')
    writeFileSync(model, tinyModel())
    await expect(Recognizer.open({ model, cache: room })).rejects.toMatchObject(pack)
    const folder = (message: RegExp) => ({
      code: 'RECOGNIZE_USE',
      message: expect.stringMatching(message),
    })
    const run = join(room, 'run')
    mkdirSync(run)
    const open = () => Recognizer.open({ model: run, cache: room })
    await expect(open()).rejects.toMatchObject(folder(/is a folder, and not that of a run/))
    writeFileSync(join(run, 'config.yaml'), '')
    await expect(open()).rejects.toMatchObject(folder(/is a run whose network is no ONNX file yet/))
    await expect(Recognizer.open({ model, detector: model })).rejects.toMatchObject({
      code: 'VISION_DETECTOR',
    })
  })
})

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))(
  'with YuNet, MobileFaceNet and photographs of ../shared',
  () => {
    const photos = join(shared, 'faces/photos')
    const photosOf = (person: string) =>
      readdirSync(join(photos, person))
        .sort()
        .map((file) => join(photos, person, file))
    const model = join(shared, 'models/MobileFaceNet.onnx')
    const preprocessing: PreprocessingInput = {
      range: 1,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    }
    let recognizer: Recognizer
    let [ada, grace]: string[][] = []
    beforeAll(async () => {
      const detector = join(shared, 'models/yunet_s_640_640.onnx')
      recognizer = await Recognizer.open({ model, detector, preprocessing })
      ;[ada, grace] = readdirSync(photos).sort().slice(0, 2).map(photosOf)
    })
    afterAll(() => recognizer.close())

    it('tells two people apart, and says by what', async () => {
      const same = await recognizer.verify(ada![0]!, ada![1]!, { threshold: 0.35 })
      const other = await recognizer.verify(ada![0]!, grace![0]!, { threshold: 0.35 })
      expect([same.same, other.same]).toEqual([true, false])
      expect(same).toMatchObject({ threshold: 0.35, far: null })
      expect(same.a.quality.eyes).toBeGreaterThan(20)
      expect((await recognizer.verify(ada![0]!, ada![0]!)).similarity).toBeCloseTo(1, 5)
      expect(recognizer.model).toMatchObject({
        dim: 128,
        sha256: createHash('sha256').update(readFileSync(model)).digest('hex'),
      })
    })

    it('gives the same for a path, bytes and a picture turned by EXIF; a turned head has another roll', async () => {
      const [face] = await recognizer.embed(ada![0]!)
      const bytes = readFileSync(ada![0]!)
      expect(await recognizer.embed(bytes)).toEqual([face])
      // Turned to the left, with the note that it is to be turned to the right.
      const lying = await sharp(bytes).rotate(270).png().withMetadata({ orientation: 6 }).toBuffer()
      const [upright] = await recognizer.embed(lying)
      const similarity = upright!.embedding.reduce((sum, v, k) => sum + v * face!.embedding[k]!, 0)
      expect(similarity).toBeGreaterThan(0.99)
      const [tilted] = await recognizer.detect(await sharp(bytes).rotate(20).png().toBuffer())
      expect(tilted!.quality.roll - face!.quality.roll).toBeCloseTo((20 * Math.PI) / 180, 1)
      const [blurred] = await recognizer.detect(await sharp(bytes).blur(4).png().toBuffer())
      expect(blurred!.quality.sharpness).toBeLessThan(face!.quality.sharpness / 3)
    })

    it('knows a photograph that lies on a side or its head, without EXIF, and where the face is', async () => {
      const { width, height } = await sharp(ada![0]!).metadata()
      const [face] = await recognizer.embed(ada![0]!, { faces: 'largest' })
      for (const turn of [90, 180, 270]) {
        const lying = await sharp(ada![0]!).rotate(turn).png().toBuffer()
        const [found] = await recognizer.embed(lying, { faces: 'largest' })
        const similarity = found!.embedding.reduce((sum, v, k) => sum + v * face!.embedding[k]!, 0)
        expect(similarity).toBeGreaterThan(0.99)
        const roll = found!.quality.roll - face!.quality.roll
        expect(Math.cos(roll - (turn * Math.PI) / 180)).toBeGreaterThan(0.999)
        // The nose, turned with the photograph about its middle.
        const { x, y } = face!.points[2]!
        const [dx, dy] = [x - (width - 1) / 2, y - (height - 1) / 2]
        const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)]
        const [w, h] = turn === 180 ? [width, height] : [height, width]
        expect(found!.points[2]!.x).toBeCloseTo(cos * dx - sin * dy + (w - 1) / 2, 0)
        expect(found!.points[2]!.y).toBeCloseTo(sin * dx + cos * dy + (h - 1) / 2, 0)
      }
    })

    it('gives the aligned face as a thumbnail: its embedding is that of the face', async () => {
      const [face] = await recognizer.embed(ada![0]!, { faces: 'largest', thumbnails: true })
      const { data, info } = await sharp(face!.thumbnail!)
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect(info).toMatchObject({ width: 112, height: 112, channels: 3 })
      const embedder = await openEmbedder(model, { preprocessing })
      const row = await embedder.embed(data, 1)
      await embedder.close()
      expect(row.reduce((sum, v, k) => sum + v * face!.embedding[k]!, 0)).toBeGreaterThan(0.98)
      expect((await recognizer.embed(ada![0]!))[0]).not.toHaveProperty('thumbnail')
    })

    it('does many calls at once as one after the other', async () => {
      const all = [...ada!.slice(0, 4), ...grace!.slice(0, 4)]
      const together = await Promise.all(all.map((path) => recognizer.embed(path)))
      for (const [i, path] of all.entries())
        expect(await recognizer.embed(path)).toEqual(together[i])
    })

    it('finds no face in one pixel, refuses what is no photograph', async () => {
      const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer()
      expect(await recognizer.detect(dot)).toEqual([])
      const noFace = (message: string) => ({ code: 'VISION_NO_FACE', message })
      const face = readFileSync(ada![0]!)
      await expect(recognizer.verify(dot, face)).rejects.toMatchObject(
        noFace('the first photograph shows no face'),
      )
      await expect(recognizer.verify(face, new File([dot], 'dot.png'))).rejects.toMatchObject(
        noFace('dot.png shows no face'),
      )
      await expect(recognizer.verify(face, Buffer.from('no'))).rejects.toMatchObject({
        code: 'RECOGNIZE_PHOTO',
        message: expect.stringMatching(/^the second photograph cannot be read/),
      })
      await expect(recognizer.detect(Buffer.from('no'))).rejects.toMatchObject({
        code: 'RECOGNIZE_PHOTO',
      })
    })

    it('refuses options that nobody knows, and values that are none', async () => {
      const [photo] = ada!
      const use = (message: RegExp, code = 'RECOGNIZE_USE') => ({
        code,
        message: expect.stringMatching(message),
      })
      const wrong = (options: object) => options as never
      await expect(Recognizer.open(wrong({ modell: model }))).rejects.toMatchObject(use(/model\?/))
      await expect(Recognizer.open({ model, maxPixels: 0 })).rejects.toMatchObject(use(/maxPixels/))
      await expect(recognizer.detect(photo!, wrong({ smal: true }))).rejects.toMatchObject(
        use(/no option smal; did you mean small\?/, 'VISION_USE'),
      )
      await expect(recognizer.embed(photo!, wrong({ faces: 'biggest' }))).rejects.toMatchObject(
        use(/one of largest/, 'VISION_USE'),
      )
      for (const options of [{ treshold: 0.4 }, { threshold: Number.NaN }, { threshold: 2 }, null])
        await expect(
          recognizer.verify(photo!, photo!, wrong(options as object)),
        ).rejects.toMatchObject(use(/./, 'VISION_USE'))
    })

    it('takes the least score of a face for a call, as a recognizer that was opened with it', async () => {
      const detector = join(shared, 'models/yunet_s_640_640.onnx')
      // Small and blurred, so that the scores are low.
      const blurred = await sharp(ada![0]!).resize({ height: 90 }).blur(2.5).png().toBuffer()
      const usual = await recognizer.detect(blurred)
      const counts = new Set<number>()
      for (const minScore of [0.02, 0.3, 0.85, 1]) {
        const opened = await Recognizer.open({ model, detector, preprocessing, minScore })
        const found = await opened.detect(blurred)
        expect(await recognizer.detect(blurred, { minScore })).toEqual(found)
        expect(found.every(({ score }) => score >= minScore)).toBe(true)
        counts.add(found.length)
        await opened.close()
      }
      expect(counts.size).toBeGreaterThan(1)
      expect(await recognizer.detect(blurred)).toEqual(usual)
      const [photo] = ada!
      for (const minScore of [0, -0.1, 1.01, Number.NaN, '0.5' as never])
        for (const call of [
          () => recognizer.detect(photo!, { minScore }),
          () => recognizer.embed(photo!, { minScore }),
          () => recognizer.embedOne(photo!, { minScore }),
          () => recognizer.verify(photo!, photo!, { minScore, threshold: 0.3 }),
        ])
          await expect(call()).rejects.toMatchObject({
            code: 'VISION_USE',
            message: expect.stringContaining('minScore'),
          })
      await expect(recognizer.embedOne(photo!, { minScore: 1 })).rejects.toMatchObject({
        code: 'VISION_NO_FACE',
      })
    })

    it('says of a face too small or blurred that it cannot be told', async () => {
      const tiny = await sharp(ada![0]!).resize({ height: 40 }).png().toBuffer()
      const blurred = await sharp(ada![0]!).blur(12).png().toBuffer()
      const [small] = await recognizer.embed(tiny, { faces: 'largest' })
      expect(small!.rejected).toContain('small')
      expect((await recognizer.embed(ada![0]!, { faces: 'largest' }))[0]!.rejected).toEqual([])
      const verify = (photo: Buffer, options = {}) =>
        recognizer.verify(ada![0]!, photo, { threshold: -1, ...options })
      expect(await verify(tiny)).toMatchObject({ same: null, rejected: small!.rejected })
      expect(await verify(blurred)).toMatchObject({ same: null, b: { rejected: ['blurred'] } })
      expect(await verify(tiny, { quality: false })).toMatchObject({ same: true, rejected: [] })
      await expect(recognizer.detect(tiny, { quality: { eyes: -1 } })).rejects.toMatchObject({
        code: 'VISION_USE',
      })
    })

    it('does not put a smaller face, which is another person, in the place of a blurred one', async () => {
      const [left, right] = await Promise.all([
        sharp(ada![0]!).resize({ height: 300 }).png().toBuffer(),
        sharp(grace![0]!).resize({ height: 450 }).blur(10).png().toBuffer(),
      ])
      const { width } = await sharp(left!).metadata()
      const both = await sharp(left!)
        .extend({ right: (await sharp(right!).metadata()).width, bottom: 150 })
        .composite([{ input: right!, left: width, top: 0 }])
        .png()
        .toBuffer()
      const [face] = await recognizer.embed(both, { faces: 'largest' })
      expect(face).toMatchObject({ rejected: expect.arrayContaining(['blurred']) })
      expect(face!.box.x).toBeGreaterThan(width)
      expect(await recognizer.verify(both, ada![0]!, { threshold: -1 })).toMatchObject({
        same: null,
        rejected: expect.arrayContaining(['blurred']),
      })
      // All are there, of which the other is good.
      const all = await recognizer.embed(both)
      expect(all.map(({ rejected }) => rejected)).toContainEqual([])
    })

    it('refuses a photograph of several people where it is told to, and takes the middle one', async () => {
      const [left, right] = await Promise.all(
        [ada![0]!, grace![0]!].map((path) => sharp(path).resize({ height: 300 }).toBuffer()),
      )
      const { width } = await sharp(left!).metadata()
      const both = join(room, 'both.png')
      await sharp(left!)
        .extend({ right: (await sharp(right!).metadata()).width })
        .composite([{ input: right!, left: width, top: 0 }])
        .toFile(both)
      const several = {
        code: 'VISION_MANY_FACES',
        message: expect.stringContaining(both),
      }
      const only = { faces: 'only' } as const
      await expect(recognizer.verify(ada![0]!, both, only)).rejects.toMatchObject(several)
      await expect(recognizer.embed(both, only)).rejects.toMatchObject(several)
      expect(await recognizer.detect(both)).toHaveLength(2)
      expect(await recognizer.embed(both, { faces: 'central' })).toHaveLength(1)
    })

    it('takes a picture that is a face for one, without looking for it, and tells how long steps took', async () => {
      const steps: string[] = []
      const onStep = (step: string, milliseconds: number) => {
        expect(milliseconds).toBeGreaterThanOrEqual(0)
        steps.push(step)
      }
      const [face] = await recognizer.embed(ada![0]!, {
        faces: 'largest',
        thumbnails: true,
        onStep,
      })
      expect(steps).toEqual(['find', 'embed'])
      await recognizer.detect(ada![0]!, { onStep })
      expect(steps).toEqual(['find', 'embed', 'find'])
      const [whole, ...others] = await recognizer.embed(face!.thumbnail!, { whole: true })
      expect(others).toEqual([])
      expect(whole).toMatchObject({ box: { x: 0, y: 0, width: 112, height: 112 }, score: 1 })
      expect(cosine(whole!.embedding, face!.embedding)).toBeGreaterThan(0.98)
      // Of another size, and not square: its middle counts.
      const wide = await sharp(face!.thumbnail!)
        .resize(224, 224)
        .extend({ left: 60, right: 60, background: 'red' })
        .png()
        .toBuffer()
      const [middle] = await recognizer.embed(wide, { whole: true })
      expect(middle!.box).toEqual({ x: 0, y: 0, width: 344, height: 224 })
      expect(cosine(middle!.embedding, face!.embedding)).toBeGreaterThan(0.95)
    })

    it('ends a call at a signal, and closes after those in work', async () => {
      const stop = new AbortController()
      const calls = ada!.map((path) => recognizer.embed(path, { signal: stop.signal }))
      stop.abort()
      for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'AbortError' })
      const last = recognizer.embed(ada![0]!)
      await recognizer.close()
      expect((await last).length).toBeGreaterThan(0)
      await expect(recognizer.embed(ada![0]!)).rejects.toMatchObject({ code: 'VISION_USE' })
      // Or it would load a network that nobody closes any more.
      const challenge = recognizer.challenge(new Random(1), { threshold: 0.35 })
      await expect(challenge).rejects.toThrow('already closed')
    })
  },
)
