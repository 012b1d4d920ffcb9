import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { chromium } from '@arcface/testing/chromium'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtExample, type ExamplePage, openExample } from './testing/example-page.js'

// examples/browser before Chromium's fake camera, which shows a photograph of ../shared.

const shared = join(REPOSITORY, '../shared')
const photos = join(shared, 'faces/photos')
const ready = chromium !== undefined && existsSync(photos)

describe.skipIf(!ready)('the page of examples/browser, before a camera', () => {
  const model = (name: string) => readFileSync(join(shared, 'models', name))
  let example: ExamplePage
  beforeAll(async () => {
    const folder = join(photos, readdirSync(photos).sort()[0]!)
    const frame = await sharp(join(folder, readdirSync(folder).sort()[0]!))
      .resize(640, 480, { fit: 'contain', background: 'grey' })
      .jpeg({ quality: 95 })
      .toBuffer()
    const video = join(mkdtempSync(join(tmpdir(), 'video-')), 'one.mjpeg')
    writeFileSync(video, Buffer.concat(Array(10).fill(frame)))
    const detector = model('yunet_s_640_640.onnx')
    const embedder = model('MobileFaceNet.onnx')
    const args = [
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ]
    example = await openExample(await builtExample({ detector, embedder }), { args })
  })
  afterAll(() => example?.close())
  const camera = () => example.page.getByRole('button', { name: 'Camera' }).click()
  const said = (place: string, text: RegExp) =>
    example.page.locator(place, { hasText: text }).waitFor()

  it('says what to do where it may not use the camera', async () => {
    await example.show('People')
    await example.page.getByLabel('Name of a person').fill('Ada')
    await camera()
    await said('#error', /may not use the camera.*Allow it/s)
    expect(await example.page.locator('arcface-camera').count()).toBe(0)
  })

  it('adds whom the camera sees, and knows who it is', async () => {
    await example.context.grantPermissions(['camera'])
    await camera()
    await said('#added', /Ada is added/)
    await said('#people-summary', /1 person, 1 face/)
    expect(await example.page.locator('arcface-camera').count()).toBe(0)
    await example.show('Who is it?')
    await camera()
    await said('#who-faces', /Ada\s+Similarity (0\.9|1\.0)\d+, threshold 0\.\d+ \(1 in 100/)
  })

  it('frees the camera where another section is shown', async () => {
    const state = () => example.page.locator('arcface-camera').count()
    expect(await state()).toBe(1)
    const element = await example.page.locator('arcface-camera').elementHandle()
    await example.show('Model')
    await expect.poll(state).toBe(0)
    expect(await element!.evaluate((one) => (one as unknown as { state: string }).state)).toBe(
      'stopped',
    )
    expect(example.troubles).toEqual([])
  })
})
