import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { buildPage, chromium, serveSite, troublesOf } from '@arcface/testing/chromium'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtExample, type ExamplePage, openExample } from './testing/example-page.js'

// examples/browser with people on it: photographs of ../shared, whose folders tell who is who.

const shared = join(REPOSITORY, '../shared')
const photos = join(shared, 'faces/photos')
const ready = chromium !== undefined && existsSync(photos)

describe.skipIf(!ready)('the page of examples/browser, on photographs of ../shared', () => {
  const people = ready ? readdirSync(photos).sort() : []
  const photo = (person: number, number: number) => {
    const folder = join(photos, people[person]!)
    return join(folder, readdirSync(folder).sort()[number]!)
  }
  const model = (name: string) => readFileSync(join(shared, 'models', name))

  let dist: string
  let example: ExamplePage
  beforeAll(async () => {
    const detector = model('yunet_s_640_640.onnx')
    const embedder = model('MobileFaceNet.onnx')
    dist = await builtExample({ detector, embedder })
    example = await openExample(dist)
  })
  afterAll(() => example?.close())
  const { said, add, look } = {
    said: async (place: string, text: RegExp) => {
      const found = example.page.locator(place, { hasText: text })
      await found.waitFor()
      return found.innerText()
    },
    add: async (name: string, ...files: string[]) => {
      await example.show('People')
      await example.page.getByLabel('Name of a person').fill(name)
      await example.page.setInputFiles('#add-files', files)
      return said('#added', /added/)
    },
    look: async (file: string | { name: string; mimeType: string; buffer: Buffer }) => {
      await example.show('Who is it?')
      await example.page.setInputFiles('#who-file', file)
      await said('#who-summary', /face/)
      return example.page.locator('#who-faces').innerText()
    },
  }
  const listed = () => example.page.locator('#list strong').allInnerTexts()

  it('knows nobody at first', async () => {
    expect(await look(photo(0, 0))).toMatch(/Nobody is known yet/)
  })

  it('adds people, whom it finds again with the threshold and what that stands for', async () => {
    expect(await add('Ada', photo(0, 0))).toBe('1 photograph added.')
    expect(
      await add('עדה <b>', photo(1, 0), join(REPOSITORY, 'examples/browser/public/icon-512.png')),
    ).toMatch(/^1 photograph added.\s+icon-512.png shows no face/)
    expect(await add('Ada', photo(0, 0))).toMatch(/^0 photographs added.\s+\S+ was there already/)
    await said('#people-summary', /2 people, 2 faces/)
    expect(await listed()).toEqual(['Ada', 'עדה <b>'])
    expect(await look(photo(0, 1))).toMatch(
      /^1\s+Ada\s+Similarity 0\.\d{3}, threshold 0\.\d{3} \(1 in 100 strangers gets a name among 2 faces\)/,
    )
    expect(await look(photo(2, 0))).toMatch(/Nobody who is known/)
  })

  it('sees each of several faces, from left to right', async () => {
    const halves = await Promise.all(
      [photo(1, 1), photo(0, 2)].map((path) =>
        sharp(path).resize(300, 400, { fit: 'cover' }).toBuffer(),
      ),
    )
    const background = { width: 600, height: 400, channels: 3, background: 'grey' } as const
    const buffer = await sharp({ create: background })
      .composite(halves.map((input, i) => ({ input, left: 300 * i, top: 0 })))
      .png()
      .toBuffer()
    expect(await look({ name: 'two.png', mimeType: 'image/png', buffer })).toMatch(/עדה <b>.*Ada/s)
    expect(await example.page.locator('#who-picture rect.known').count()).toBe(2)
  })

  it('takes what is dropped on it, and adds a stranger whom it sees', async () => {
    await example.show('Who is it?')
    const base64 = readFileSync(photo(2, 0)).toString('base64')
    const dataTransfer = await example.page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0))
      const dropped = new DataTransfer()
      dropped.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }))
      return dropped
    })()`)
    await example.page.dispatchEvent('#who', 'drop', { dataTransfer })
    await said('#who-faces', /Nobody who is known/)
    await example.page.getByRole('button', { name: 'Add …' }).click()
    await example.page.getByRole('dialog').getByRole('textbox').fill('Grace')
    await example.page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
    await said('#who-faces', /Grace\s+Added/)
    expect(await look(photo(2, 1))).toMatch(/Grace/)
  })

  it('compares two photographs', async () => {
    await example.show('Compare')
    const [left, right] = await example.page.locator('#compare input').all()
    await left!.setInputFiles(photo(0, 0))
    await right!.setInputFiles(photo(0, 1))
    expect(await said('#compared', /Similarity/)).toMatch(
      /^The same person.*above the threshold 0\.350, which 1 in 1,000 pairs of strangers exceed \(a test\)/s,
    )
    await right!.setInputFiles(photo(3, 0))
    await said('#compared', /^Different people/)
  })

  it('renames, exports, deletes and imports', async () => {
    await example.show('People')
    await example.page.getByRole('button', { name: 'Rename: Ada' }).click()
    await example.page.getByRole('dialog').getByRole('textbox').fill('Ada Lovelace')
    await example.page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
    await said('#list', /Ada Lovelace/)
    const [download] = await Promise.all([
      example.page.waitForEvent('download'),
      example.page.getByRole('button', { name: 'Export' }).click(),
    ])
    for (const name of ['Ada Lovelace', 'Grace', 'עדה <b>']) {
      await example.page.getByRole('button', { name: `Delete: ${name}` }).click()
      await example.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await expect.poll(listed).not.toContain(name)
    }
    await said('#people-summary', /Nobody is known yet/)
    await example.page.setInputFiles('#import', (await download.path())!)
    await expect.poll(listed).toEqual(['Ada Lovelace', 'Grace', 'עדה <b>'])
  })

  it('and the smallest page, examples/page, name a face', async () => {
    const files = ['index.html', 'main.js'].map((name) => [
      name,
      readFileSync(join(REPOSITORY, 'examples/page', name)),
    ])
    const built = await buildPage(Object.fromEntries(files))
    const site = await serveSite([built, { 'models/': join(dist, 'models') }])
    const page = await example.context.newPage()
    const troubles = troublesOf(page)
    await page.goto(site.url)
    const answer = (text: RegExp) => page.locator('#answer', { hasText: text }).waitFor()
    await answer(/Ready/)
    await page.setInputFiles('#unknown', photo(0, 2))
    await answer(/^a stranger$/)
    await page.getByLabel('This is').fill('Ada')
    await page.setInputFiles('#known', photo(0, 0))
    await answer(/Ada is known now/)
    await page.setInputFiles('#unknown', photo(0, 1))
    await answer(/^Ada: 0\.\d+ above 0\.\d+, FPIR 0\.01$/)
    expect(troubles).toEqual([])
    await page.close()
    await site.close()
  })

  it('knows them without a network after a visit, asks no other host, and keeps its policy', async () => {
    await example.site.close()
    const requests = example.requests()
    await example.page.reload()
    expect(await look(photo(0, 1))).toMatch(/Ada Lovelace/)
    for (const request of requests.filter((one) => !one.url().startsWith('blob:')))
      expect((await request.response())?.fromServiceWorker(), request.url()).toBe(true)
    expect(requests.filter((one) => !one.url().includes(new URL(example.site.url).host))).toEqual(
      [],
    )
    expect(example.troubles).toEqual([])
  })
})
