import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_PACK, installedPack } from '@arcface/recognize'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraVisits, withCamera, withPermission } from '../testing/camera.js'
import { MODELS, roomPage } from '../testing/pages.js'
import { drawnPeople, writeVideo } from '../testing/video.js'

const folder = mkdtempSync(join(tmpdir(), 'camera-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a page begins with: a camera, and all that it tells. */
const SCRIPT = (models: unknown, options = '{}') => `
  const recognizer = await arcface.Recognizer.open({ models: ${JSON.stringify(models)} })
  const camera = new arcface.FaceCamera(recognizer, ${options})
  const told = { frame: [], track: [], face: [], identified: [], lost: [], state: [], error: [] }
  for (const kind in told) camera.addEventListener(kind, ({ detail }) => told[kind].push(detail))
  const until = async (is) => {
    while (!is()) await new Promise((done) => setTimeout(done, 20))
  }
  const code = (promise) => promise.then(() => 'done', ({ code, name }) => (typeof code === 'string' ? code : name))
  const ended = (stream) => stream.getTracks().map(({ readyState }) => readyState)
`
const run = <T>(page: Page, text: string): Promise<T> =>
  page.evaluate(`(async () => { ${text} })()`) as Promise<T>

describe.skipIf(!chromium)('a camera, in Chromium', () => {
  const visit = cameraVisits()
  const begin = (options?: string) => SCRIPT(MODELS, options)

  it('is free again after a stop, and starts anew', async () => {
    const { page, troubles } = await visit()
    const found = await run(
      page,
      `${begin()}
      await Promise.all([camera.start(), camera.start()])
      await until(() => told.frame.length > 2)
      const first = camera.video.srcObject
      camera.stop()
      const stopped = { state: camera.state, ended: ended(first), shown: camera.video.srcObject }
      const frames = told.frame.length
      await camera.start()
      const second = camera.video.srcObject
      await until(() => told.frame.length > frames + 2)
      await recognizer.close()
      const { time, width, height } = told.frame[0]
      return { stopped, closed: [camera.state, ended(second)], late: await code(camera.start()),
        states: told.state, errors: told.error.map(({ code }) => code), time, size: [width, height] }`,
    )
    expect(found).toEqual({
      stopped: { state: 'stopped', ended: ['ended'], shown: null },
      closed: ['stopped', ['ended']],
      late: 'BROWSER_USE',
      states: [
        ...['starting', 'running', 'stopped', 'starting', 'running', 'stopped'],
        ...['starting', 'failed'],
      ],
      errors: ['BROWSER_USE'],
      time: expect.any(Number),
      size: [1280, 720],
    })
    expect(troubles).toEqual([])
  }, 60_000)

  it('that is stopped while it starts is free too', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin()}
      const streams = []
      const { mediaDevices } = navigator
      const ask = mediaDevices.getUserMedia.bind(mediaDevices)
      mediaDevices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted)
        streams.push(stream)
        camera.stop()
        return stream
      }
      const outcome = await code(camera.start())
      return { outcome, ended: streams.map(ended), state: camera.state, errors: told.error.length }`,
    )
    expect(found).toEqual({
      outcome: 'BROWSER_USE',
      ended: [['ended']],
      state: 'stopped',
      errors: 0,
    })
  }, 60_000)

  it('that is refused is told so, and may be allowed later', async () => {
    const { page, context } = await visit(false)
    const found = await run(
      page,
      `${begin()}
      globalThis.camera = camera
      const refused = await code(camera.start())
      return { refused, state: camera.state, hint: told.error[0].hint, capture: await code(camera.capture()) }`,
    )
    expect(found).toMatchObject({
      refused: 'BROWSER_CAMERA_DENIED',
      state: 'failed',
      hint: expect.stringMatching(/Allow it/),
      capture: 'BROWSER_USE',
    })
    await context.grantPermissions(['camera'])
    expect(await run(page, 'await camera.start(); return camera.state')).toBe('running')
  }, 60_000)

  it('that is taken away is told so', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin()}
      await camera.start()
      const stream = camera.video.srcObject
      const capturing = code(camera.capture())
      stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))
      return { state: camera.state, code: told.error[0].code, ended: ended(stream), capture: await capturing }`,
    )
    expect(found).toEqual({
      state: 'failed',
      code: 'BROWSER_CAMERA_LOST',
      ended: ['ended'],
      capture: 'BROWSER_CAMERA_LOST',
    })
  }, 60_000)

  it('is free too when the worker ends', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `const workers = []
      globalThis.Worker = class extends Worker {
        constructor(...given) {
          super(...given)
          workers.push(this)
        }
      }
      ${begin()}
      await camera.start()
      const stream = camera.video.srcObject
      await until(() => told.frame.length > 1)
      workers[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))
      await until(() => told.error.length > 0)
      return { state: camera.state, code: told.error[0].code, ended: ended(stream), again: await code(camera.start()) }`,
    )
    expect(found).toEqual({
      state: 'failed',
      code: 'BROWSER_WORKER',
      ended: ['ended'],
      again: 'BROWSER_WORKER',
    })
  }, 60_000)

  it('rests while the page is hidden, or the system holds its pictures back', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin()}
      await camera.start()
      await until(() => told.frame.length > 1)
      const hide = (hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }
      hide(true)
      const paused = camera.state
      // What was in work is done.
      await recognizer.detect({ width: 1, height: 1, pixels: new Uint8Array(3) })
      const before = told.frame.length
      for (let i = 0; i < 20; i++) await new Promise((done) => camera.video.requestVideoFrameCallback(done))
      const meanwhile = told.frame.length - before
      hide(false)
      await until(() => told.frame.length > before)
      const [track] = camera.video.srcObject.getTracks()
      track.dispatchEvent(new Event('mute'))
      const held = camera.state
      track.dispatchEvent(new Event('unmute'))
      return { paused, meanwhile, held, state: camera.state }`,
    )
    expect(found).toEqual({ paused: 'paused', meanwhile: 0, held: 'paused', state: 'running' })
  }, 60_000)

  it('drops frames that a slow worker has no time for: one is on its way, and none wait', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `const inWork = new Set()
      let most = 0
      globalThis.Worker = class extends Worker {
        constructor(...given) {
          super(...given)
          this.addEventListener('message', ({ data }) => inWork.delete(data.id))
        }
        postMessage(message, transfer) {
          if (message.call !== 'camera.frame') return super.postMessage(message, transfer)
          inWork.add(message.id)
          most = Math.max(most, inWork.size)
          setTimeout(() => super.postMessage(message, transfer), 300)
        }
      }
      ${begin()}
      await camera.start()
      await until(() => told.frame.length > 5)
      return { most, dropped: told.frame.slice(2).every(({ dropped }) => dropped > 0) }`,
    )
    expect(found).toEqual({ most: 1, dropped: true })
  }, 60_000)

  it('refuses options that are none, when it is made or before a person is asked', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin()}
      const made = (options) => {
        try { return new arcface.FaceCamera(recognizer, options) } catch ({ code, message }) { return { code, message } }
      }
      const outcomes = []
      for (const options of [{ identify: { fpir: 7 } }, { patience: -1 }, { quality: { eye: 1 } }, { minScore: 2 }, { deviceId: 'none' }])
        outcomes.push(await code(made(options).start()))
      return { outcomes, made: [{ longset: 1 }, { longest: 0 }, { facingMode: 'left' }].map(made) }`,
    )
    expect(found).toEqual({
      outcomes: [...Array(4).fill('VISION_USE'), 'BROWSER_CAMERA_NONE'],
      made: ['did you mean longest', 'a number of pixels', 'one of user, environment'].map(
        (message) => ({ code: 'BROWSER_USE', message: expect.stringContaining(message) }),
      ),
    })
  }, 60_000)
})

it.skipIf(!chromium)(
  'where there is no camera it is said, in Chromium',
  async () => {
    const browser = await openChromium()
    const { page } = await roomPage(await withPermission(browser))
    const found = await run(page, `${SCRIPT(MODELS)} return code(camera.start())`)
    expect(found).toBe('BROWSER_CAMERA_NONE')
    await browser.close()
  },
  60_000,
)

const photos = fileURLToPath(new URL('../../../../../shared/faces/photos', import.meta.url))
const pack = await installedPack(DEFAULT_PACK)

describe.skipIf(!chromium || !pack)('people before a camera, in Chromium', () => {
  const files: string[] = []
  const browsers: Browser[] = []
  beforeAll(async () => {
    if (!existsSync(photos)) files.push(...(await drawnPeople(folder)))
    else
      for (const person of readdirSync(photos).sort().slice(0, 2)) {
        const [first] = readdirSync(join(photos, person)).sort()
        files.push(join(photos, person, first!))
      }
  })
  afterAll(() => Promise.all(browsers.map((browser) => browser.close())))

  /** @param people they sway, one beside the other */
  async function visit(name: string, people: readonly string[]) {
    const video = join(folder, `${name}.mjpeg`)
    const frames = Array.from({ length: 60 }, (_, i) =>
      people.map((file, k) => {
        const x = 20 + 280 * k + Math.round(20 * Math.sin((i * Math.PI) / 30))
        return { file, x, y: 40, width: 260 }
      }),
    )
    await writeVideo(video, frames)
    const browser = await openChromium(withCamera(video))
    browsers.push(browser)
    const context = await withPermission(browser)
    const beside = Object.fromEntries(people.map((file, k) => [`${k}.jpg`, readFileSync(file)]))
    return roomPage(context, { files: { 'pack/': pack!.folder, ...beside } })
  }

  it('are followed, and embedded a few times a track, not a frame', async () => {
    const { page, troubles } = await visit('two', files)
    const found = await run<{
      tracks: number[]
      faces: number[]
      lost: number[]
      cosines: number[][]
    }>(
      page,
      `${SCRIPT('pack/', '{ thumbnails: true }')}
      await camera.start()
      await until(() => told.frame.length > 40 && told.face.length > 1)
      camera.stop()
      const cosine = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0)
      const known = await Promise.all([0, 1].map(async (k) =>
        recognizer.embedOne(await (await fetch(k + '.jpg')).blob())))
      return {
        tracks: told.track.map(({ id }) => id),
        lost: told.lost.map(({ id }) => id),
        faces: told.face.map(({ id }) => id),
        pictures: told.face.every(({ face }) => face.thumbnail.length > 500),
        boxes: told.frame.at(-1).faces.map(({ box }) => box.x + box.width / 2).sort((a, b) => a - b),
        cosines: told.face.map(({ face }) => known.map(({ embedding }) => cosine(embedding, face.embedding))),
        hints: [...new Set(told.frame.map(({ hint }) => hint))] }`,
    )
    expect(found).toMatchObject({
      tracks: [1, 2],
      lost: [1, 2],
      pictures: true,
      hints: ['alone'],
    })
    expect(new Set(found.faces)).toEqual(new Set([1, 2]))
    expect(found.faces.length).toBeLessThan(10)
    for (const cosines of found.cosines) {
      expect(Math.max(...cosines)).toBeGreaterThan(0.8)
      expect(Math.min(...cosines)).toBeLessThan(0.4)
    }
    expect(troubles).toEqual([])
  }, 60_000)

  it('one of them is captured: the best frame, which can be embedded anew', async () => {
    const { page, troubles } = await visit('one', files.slice(0, 1))
    const found = await run<{ hints: string[]; cosine: number }>(
      page,
      `${SCRIPT('pack/')}
      await camera.start()
      const aborted = code(camera.capture({ signal: AbortSignal.timeout(1) }))
      const [captured, same] = await Promise.all([camera.capture(), camera.capture()])
      const stopped = code(camera.capture())
      camera.stop()
      const { photo, face, id } = captured
      const again = await recognizer.embedOne(photo)
      await recognizer.enroll(photo, { person: 'Ada' })
      return {
        people: (await recognizer.gallery.people()).map(({ name }) => name),
        aborted: await aborted,
        stopped: await stopped,
        same: same === captured,
        id,
        size: [photo.width, photo.height, photo.pixels.length],
        thumbnail: face.thumbnail.length > 500,
        rejected: face.rejected,
        cosine: again.embedding.reduce((sum, value, i) => sum + value * face.embedding[i], 0),
        hint: told.frame.at(-1).hint }`,
    )
    expect(found).toMatchObject({
      aborted: 'TimeoutError',
      stopped: 'BROWSER_USE',
      same: true,
      id: 1,
      size: [640, 480, 640 * 480 * 3],
      thumbnail: true,
      rejected: [],
      hint: 'ok',
    })
    expect(found.cosine).toBeGreaterThan(0.999)
    expect(troubles).toEqual([])
  }, 60_000)

  it('who was captured and enrolled is known by name, by whichever threshold; a stranger is not', async () => {
    const { page, troubles } = await visit('both', files)
    const found = await run<{ known: Record<string, unknown>[]; shown: string[] }>(
      page,
      `${SCRIPT('pack/', '{ identify: true }')}
      await recognizer.enroll(await (await fetch('0.jpg')).blob(), { person: 'Ada' })
      await camera.start()
      await until(() => told.identified.length > 1 && told.frame.length > 30)
      const before = told.identified.length
        await recognizer.enroll(await (await fetch('1.jpg')).blob(), { person: 'Grace' })
        await until(() => told.frame.at(-1).faces.every(({ identity }) => identity?.matches.length === 1))
        camera.stop()
      return {
        known: told.identified.slice(0, before).map(({ identity: { threshold, fpir, searched, matches } }) =>
          ({ threshold, fpir, searched, names: matches.map(({ name }) => name) })),
        shown: told.frame.at(-1).faces.sort((a, b) => a.box.x - b.box.x).map(({ identity }) => identity?.matches[0]?.name),
      }`,
    )
    expect(found.shown).toEqual(['Ada', 'Grace'])
    for (const one of found.known)
      expect(one).toMatchObject({
        threshold: expect.any(Number),
        fpir: 0.01,
        searched: { people: 1, faces: 1 },
      })
    const names = found.known.map(({ names }) => names)
    expect(names).toContainEqual(['Ada'])
    expect(names).toContainEqual([])
    expect(troubles).toEqual([])
  }, 60_000)
})
