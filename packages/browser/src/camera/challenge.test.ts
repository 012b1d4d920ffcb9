import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PACK, installedPack, Recognizer, readPhoto } from '@arcface/recognize'
import { type HeldPose, view } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Photo, Point } from '@arcface/vision'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { withCamera, withPermission } from '../testing/camera.js'
import { roomPage } from '../testing/pages.js'

const folder = mkdtempSync(join(tmpdir(), 'challenge-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shared = fileURLToPath(new URL('../../../../../shared/faces/photos', import.meta.url))
const pack = await installedPack(DEFAULT_PACK)

/** A photograph that looks into the camera. */
async function sitter(): Promise<{ photo: Photo; points: readonly Point[] }> {
  const recognizer = await Recognizer.open()
  try {
    for (const person of readdirSync(shared).sort())
      for (const name of readdirSync(join(shared, person)).sort()) {
        const photo = await readPhoto(join(shared, person, name))
        const [face] = await recognizer.detect(photo, { faces: 'largest' })
        if (face === undefined || face.rejected.length > 0) continue
        const { yaw, roll, pitch, eyes } = face.quality
        if (Math.abs(yaw) < 0.15 && Math.abs(roll) < 0.1 && Math.abs(pitch) < 0.4 && eyes > 36)
          return { photo, points: face.points }
      }
    throw new Error('nobody looks into the camera')
  } finally {
    await recognizer.close()
  }
}

/** Half a turn of the head and back, in six seconds, of which it looks into the camera for two. */
const turn = (second: number): number =>
  second < 2 ? 0 : Math.sin((Math.PI * (second - 2)) / 4) ** 2

/** A video for Chromium's camera, thirty frames a second of which five are the same. */
async function film(path: string, poseAt: (second: number) => HeldPose): Promise<void> {
  const { photo, points } = await sitter()
  const frames: Buffer[] = []
  for (let second = 0; second < 6; second += 1 / 6) {
    const { width, height, pixels } = view(photo, points, { scale: 0.7, ...poseAt(second) })
    const raw = { width, height, channels: 3 } as const
    const jpeg = await sharp(pixels, { raw }).jpeg({ quality: 92 }).toBuffer()
    frames.push(...Array(5).fill(jpeg))
  }
  writeFileSync(path, Buffer.concat(frames))
}

describe.skipIf(!chromium || !pack || !existsSync(shared))(
  'a challenge in a page, in Chromium',
  () => {
    let browser: Browser | undefined
    afterEach(() => browser?.close())

    async function before(poseAt: (second: number) => HeldPose): Promise<Page> {
      const video = join(folder, 'camera.mjpeg')
      await film(video, poseAt)
      browser = await openChromium(withCamera(video))
      const context = await withPermission(browser)
      const { page } = await roomPage(context, { files: { 'pack/': pack!.folder } })
      await page.evaluate(`(async () => {
      globalThis.recognizer = await arcface.Recognizer.open({ models: 'pack/' })
      globalThis.camera = new arcface.FaceCamera(recognizer)
      globalThis.told = []
      camera.addEventListener('challenge', ({ detail }) => told.push(detail))
      await camera.start()
    })()`)
      return page
    }
    const run = <T>(page: Page, text: string): Promise<T> =>
      page.evaluate(`(async () => { ${text} })()`) as Promise<T>
    const CODE = `const code = (promise) => promise.then(() => 'done', ({ code, name }) => (typeof code === 'string' ? code : name))`

    it('is passed by a head that turns, and gives the frame to recognise it by', async () => {
      const page = await before((second) => ({ yaw: 0.75 * turn(second), relief: true }))
      const found = await run(
        page,
        `${CODE}
      const challenge = camera.challenge({ acts: ['left'], stepTime: 20000 })
      const second = await code(camera.challenge())
      const { captured, ...verdict } = await challenge
      const same = await recognizer.verify(captured.photo, camera.video)
      const asked = told.map(({ ask }) => ask)
      camera.stop()
      return { verdict, second, asked: asked.filter((ask, i) => ask !== asked[i - 1]),
        last: told.at(-1).verdict.passed, same: same.same, thumbnail: captured.face.thumbnail.length > 500,
        stopped: await code(camera.challenge()) }`,
      )
      expect(found).toMatchObject({
        verdict: { passed: true, failure: null, acts: [{ act: 'left' }] },
        second: 'BROWSER_USE',
        asked: ['ready', 'left', 'front', null],
        last: true,
        same: true,
        thumbnail: true,
        stopped: 'BROWSER_USE',
      })
    }, 180_000)

    it('is not passed by a photograph that is turned, and ends with its signal and its camera', async () => {
      const page = await before((second) => ({ yaw: 0.6 * turn(second) }))
      const found = await run(
        page,
        `${CODE}
      const verdict = await camera.challenge({ acts: ['left'], stepTime: 7000 })
      const abort = new AbortController()
      const aborted = code(camera.challenge({ signal: abort.signal }))
      await new Promise((done) => setTimeout(done, 100))
      abort.abort(new RangeError('enough'))
      const wrong = [await aborted, await code(camera.challenge({ acts: ['jump'] }))]
      const ending = code(camera.challenge())
      camera.stop()
      return { verdict, wrong, ending: await ending }`,
      )
      expect(found).toMatchObject({
        verdict: { passed: false, failure: 'late', acts: [] },
        wrong: ['RangeError', 'VISION_USE'],
        ending: 'BROWSER_USE',
      })
      expect(found).not.toHaveProperty('verdict.captured')
    }, 180_000)
  },
)
