import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasShared, noise, sharedPhoto, THRESHOLDS } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

const folder = mkdtempSync(join(tmpdir(), 'camera-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SIZE = { width: 640, height: 480 }

const seen = (models: 'drawn' | 'shared', picture: () => Promise<Buffer>) => {
  let studio: Studio
  let browser: Browser
  beforeAll(async () => {
    const thresholds = join(folder, 'thresholds.json')
    writeFileSync(thresholds, JSON.stringify(THRESHOLDS))
    const frame = await picture()
    const video = join(folder, `${models}.mjpeg`)
    writeFileSync(video, Buffer.concat([frame, frame]))
    const args = [
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      `--use-file-for-fake-video-capture=${video}`,
    ]
    ;[studio, browser] = await Promise.all([
      startStudio({ models, keys: true, config: { thresholds } }),
      openChromium({ args }),
    ])
    await studio.client.POST('/v1/galleries', { body: { name: 'staff' } })
    await studio.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { path: { gallery: 'staff', person: 'Ada' } },
      body: { photo: [new File([new Uint8Array(frame)], 'frame.jpg')] },
    })
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('is known, by the server and in the page with the same models', async () => {
    const { page, troubles } = await openPage(browser, studio, '/recognize?gallery=staff&by=camera')
    page.setDefaultTimeout(60_000)
    const known = page.getByText('This is Ada').first()
    await page.getByRole('button', { name: 'Start the camera' }).click()
    await known.waitFor()
    const pictures: string[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.endsWith('/search'))
        pictures.push(request.postData() ?? '')
      else if (request.method() === 'POST') pictures.push(request.url())
    })
    await page.getByLabel('Where the faces are looked at').selectOption('byPage')
    await expect.poll(() => known.count()).toBe(0)
    await known.waitFor()
    const first = page.getByRole('listitem', { name: 'Face 1' })
    expect(await first.innerText()).toContain('false positive rate of a search (FPIR) 1%')
    // From then on nothing leaves but embeddings.
    pictures.length = 0
    await expect.poll(() => pictures.length, { timeout: 30_000 }).toBeGreaterThan(1)
    for (const sent of pictures) expect(sent).toMatch(/^\{"embeddings":\[\[/)
    await page.getByRole('button', { name: 'Stop the camera' }).click()
    expect(troubles).toEqual([])
    await page.context().close()
  }, 150_000)

  it('is photographed, looked at and enrolled', async () => {
    const { page, troubles } = await openPage(
      browser,
      studio,
      '/people?gallery=staff&tab=enroll&who=Bob',
    )
    page.setDefaultTimeout(20_000)
    await page.getByRole('tab', { name: 'Camera' }).click()
    await page.getByRole('button', { name: 'Start the camera' }).click()
    await page.getByRole('button', { name: 'Take a photograph' }).click()
    await page.getByText(/^Like Ada/).waitFor()
    await page.getByText('0 of 1 will be enrolled').waitFor()
    await page.getByRole('checkbox', { name: 'Enrol' }).check()
    await page.getByRole('button', { name: 'Enrol 1', exact: true }).click()
    await page.getByText('Enrolled', { exact: true }).waitFor()
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)
}

describe.skipIf(!chromium)('who is before the camera, drawn', () => {
  seen('drawn', () =>
    sharp(noise(5, SIZE.width, SIZE.height).pixels, { raw: { ...SIZE, channels: 3 } })
      .jpeg({ quality: 95 })
      .toBuffer(),
  )
})

describe.skipIf(!chromium || !hasShared)('who is before the camera, real (../shared)', () => {
  seen('shared', () =>
    sharp(readFileSync(sharedPhoto(0, 0)))
      .resize({ ...SIZE, fit: 'contain' })
      .jpeg({ quality: 95 })
      .toBuffer(),
  )
})
