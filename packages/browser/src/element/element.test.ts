import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_PACK, installedPack } from '@arcface/recognize'
import { REPOSITORY } from '@arcface/testing'
import { buildPage, chromium, openChromium, serveSite, troublesOf } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cameraVisits, withCamera, withPermission } from '../testing/camera.js'
import { MODELS, roomPage } from '../testing/pages.js'
import { drawnPeople, writeVideo } from '../testing/video.js'

/** What the example page has: no style in the page's text, nothing from elsewhere. */
const csp =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'"
const main = "import '@arcface/browser/element'"

const run = <T>(page: Page, text: string): Promise<T> =>
  page.evaluate(`(async () => {
    const until = async (is) => {
      while (!is()) await new Promise((done) => setTimeout(done, 20))
    }
    ${text}
  })()`) as Promise<T>

describe.skipIf(!chromium)('<arcface-camera>, in Chromium', () => {
  const visit = cameraVisits({ csp, main })
  const begin = `
    const recognizer = await arcface.Recognizer.open({ models: ${JSON.stringify(MODELS)} })
    const element = document.createElement('arcface-camera')`

  it('starts when it is in the page and frees the camera when it leaves; a strict policy holds', async () => {
    const { page, troubles } = await visit()
    const found = await run(
      page,
      `${begin}
      const told = []
      for (const kind of ['frame', 'state', 'lost', 'error']) element.addEventListener(kind, () => told.push(kind))
      document.body.append(element)
      const waiting = element.shadowRoot.querySelector('.panel').textContent
      element.recognizer = recognizer
      await until(() => told.includes('frame'))
      const shadow = element.shadowRoot
      const video = shadow.querySelector('video')
      const shown = { panel: shadow.querySelector('.panel').hidden,
        name: video.ariaLabel, status: shadow.querySelector('.hint').role }
      const [track] = video.srcObject.getTracks()
      element.remove()
      const left = { track: track.readyState, state: element.state }
      document.body.append(element)
      await until(() => element.state === 'running')
      element.stop()
      const stopped = { state: element.state, button: shadow.querySelector('button').textContent }
      shadow.querySelector('button').click()
      await until(() => element.state === 'running')
      return { waiting, shown, left, stopped, errors: told.filter((kind) => kind === 'error').length }`,
    )
    expect(found).toEqual({
      waiting: 'Loading the models',
      shown: { panel: true, name: 'What the camera sees', status: 'status' },
      left: { track: 'ended', state: 'stopped' },
      stopped: { state: 'stopped', button: 'Start the camera' },
      errors: 0,
    })
    expect(troubles).toEqual([])
  }, 60_000)

  it('says what came of a challenge, in the words that it was given', async () => {
    const { page, troubles } = await visit()
    const found = await run(
      page,
      `${begin}
      element.texts = { failures: { late: 'Zu spät' } }
      element.recognizer = recognizer
      document.body.append(element)
      const told = []
      element.addEventListener('challenge', ({ detail }) => told.push(detail.ask))
      const verdict = await element.challenge({ time: 1500, threshold: 0.5 })
      const text = element.shadowRoot.querySelector('.told').textContent
      const other = element.texts.failures.wrong
      element.remove()
      return { verdict, text, other, told: [told[0], told.at(-1)] }`,
    )
    expect(found).toMatchObject({
      verdict: { passed: false, failure: 'late', acts: [], identity: { threshold: 0.5 } },
      text: 'Zu spät',
      other: 'That was not what was asked. Try again.',
      told: ['ready', null],
    })
    expect(troubles).toEqual([])
  }, 60_000)

  it('says that the camera is refused, in the words that it was given, and tries again', async () => {
    const { page, context } = await visit(false)
    const found = await run(
      page,
      `${begin}
      Object.assign(globalThis, { element })
      element.texts = { again: 'Noch einmal', errors: { BROWSER_CAMERA_DENIED: 'Keine Erlaubnis' } }
      const failed = new Promise((done) => element.addEventListener('error', ({ detail }) => done(detail.code)))
      element.recognizer = recognizer
      document.body.append(element)
      const code = await failed
      const panel = element.shadowRoot.querySelector('.panel')
      return { code, text: panel.querySelector('p').textContent, button: panel.querySelector('button').textContent, role: panel.role }`,
    )
    expect(found).toEqual({
      code: 'BROWSER_CAMERA_DENIED',
      text: 'Keine Erlaubnis',
      button: 'Noch einmal',
      role: 'status',
    })
    await context.grantPermissions(['camera'])
    const state = await run(
      page,
      `element.shadowRoot.querySelector('button').click()
      await until(() => element.state === 'running')
      return element.state`,
    )
    expect(state).toBe('running')
  }, 60_000)

  it('says at once what is wrong with its options, and goes on when they are mended', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin}
      const codes = []
      element.addEventListener('error', ({ detail }) => codes.push(detail.code))
      element.recognizer = recognizer
      element.options = { longest: 0 }
      document.body.append(element)
      await until(() => codes.length > 0)
      const panel = element.shadowRoot.querySelector('.panel')
      const shown = panel.querySelector('p').textContent
      element.options = {}
      await until(() => element.state === 'running')
      return { codes, shown, state: element.state }`,
    )
    expect(found).toEqual({
      codes: ['BROWSER_USE'],
      shown: 'longest: a number of pixels, not 0',
      state: 'running',
    })
  }, 60_000)

  it('that a listener stops as soon as it runs captures nothing, which is told', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `${begin}
      element.setAttribute('manual', '')
      element.recognizer = recognizer
      document.body.append(element)
      element.addEventListener('state', ({ detail }) => detail === 'running' && element.stop())
      const code = await element.capture().catch(({ code }) => code)
      return { code, state: element.state }`,
    )
    expect(found).toEqual({ code: 'BROWSER_USE', state: 'stopped' })
  }, 60_000)

  it('waits for its button where it is `manual`; what is wrong with its models is said', async () => {
    const { page } = await visit()
    const found = await run(
      page,
      `document.body.innerHTML = '<arcface-camera manual models="none/pack.json"></arcface-camera>'
      const element = document.querySelector('arcface-camera')
      const panel = element.shadowRoot.querySelector('.panel')
      const before = panel.querySelector('button').textContent
      const failed = new Promise((done) => element.addEventListener('error', ({ detail }) => done(detail.code)))
      panel.querySelector('button').click()
      return { before, code: await failed, after: panel.querySelector('button').textContent }`,
    )
    expect(found).toEqual({
      before: 'Start the camera',
      code: 'BROWSER_DOWNLOAD',
      after: 'Try again',
    })
  }, 60_000)
})

const pack = await installedPack(DEFAULT_PACK)

describe.skipIf(!chromium || !pack)('a face before it, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'element-'))
  let browser: Browser
  let file: string
  beforeAll(async () => {
    const [first] = await drawnPeople(folder)
    file = first!
    const video = join(folder, 'one.mjpeg')
    // On the left of the camera's picture: on the right of a mirror's.
    await writeVideo(video, Array(10).fill([{ file, x: 30, y: 40, width: 260 }]))
    browser = await openChromium(withCamera(video))
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  it('is framed where it is seen in the mirror, and named', async () => {
    const files = { 'pack/': pack!.folder, 'ada.jpg': readFileSync(file) }
    const { page, troubles } = await roomPage(await withPermission(browser), { csp, main, files })
    const found = await run<Record<string, unknown>>(
      page,
      `const recognizer = await arcface.Recognizer.open({ models: 'pack/' })
      await recognizer.enroll(await (await fetch('ada.jpg')).blob(), { person: 'Ada' })
      await recognizer.close()
      document.body.innerHTML = '<arcface-camera models="pack/" identify></arcface-camera>'
      const element = document.querySelector('arcface-camera')
      const states = []
      element.addEventListener('state', ({ detail }) => states.push(detail))
      const capturing = element.capture()
      const shadow = element.shadowRoot
      await until(() => shadow.querySelector('.name')?.textContent === 'Ada')
      const inside = shadow.querySelector('.face').getBoundingClientRect()
      const stage = shadow.querySelector('.stage').getBoundingClientRect()
      const captured = await capturing
      const begun = [...states]
      const { box } = captured.face
      const told = shadow.querySelector('.told').textContent
      const hint = shadow.querySelector('.hint').textContent
      element.remove()
      return { middle: (inside.x + inside.width / 2 - stage.x) / stage.width,
        captured: (box.x + box.width / 2) / captured.photo.width, ratio: stage.width / stage.height, told, hint, begun }`,
    )
    expect(found.middle).toBeCloseTo(1 - (found.captured as number), 1)
    expect(found.middle).toBeGreaterThan(0.6)
    expect(found.ratio).toBeCloseTo(4 / 3, 2)
    expect(found).toMatchObject({ told: 'Ada', hint: 'Good', begun: ['starting', 'running'] })
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  /** A program of examples/page as a user has it. */
  async function example(name: string) {
    const text = (ending: string) =>
      readFileSync(join(REPOSITORY, 'examples/page', `${name}.${ending}`), 'utf8')
    const built = await buildPage({ 'index.html': text('html'), [`${name}.js`]: text('js') })
    const site = await serveSite([built, { 'models/': pack!.folder }], { csp })
    const page = await (await withPermission(browser)).newPage()
    const troubles = troublesOf(page)
    await page.goto(site.url)
    const close = async () => {
      await page.context().close()
      await site.close()
    }
    return { page, troubles, close }
  }

  it('is enrolled from the camera by the page of the documentation, and known at once', async () => {
    const { page, troubles, close } = await example('camera')
    const answer = page.locator('output')
    await answer.filter({ hasText: 'nobody of 0' }).waitFor()
    await page.getByLabel('This is').fill('Ada')
    await page.getByRole('button', { name: 'Remember me' }).click()
    await answer.filter({ hasText: /^Ada: [01]\.\d+ above 0\.\d+, FPIR 0\.01$/ }).waitFor()
    expect(troubles).toEqual([])
    await close()
  }, 60_000)

  it('is told what to do by a page with a view of its own', async () => {
    const { page, troubles, close } = await example('own')
    await page.locator('p', { hasText: 'ok' }).waitFor()
    // Until it was looked for it is not said to be one.
    await page.locator('pre', { hasText: 'a stranger' }).waitFor()
    expect(await page.locator('pre').textContent()).toMatch(/^1: a stranger, at \d+, \d+$/)
    await page.getByRole('button', { name: 'Stop' }).click()
    expect(await page.evaluate("document.querySelector('video').srcObject")).toBe(null)
    expect(troubles).toEqual([])
    await close()
  }, 60_000)
})
