import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasShared, noise, sharedPhoto, THRESHOLDS } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

const folder = mkdtempSync(join(tmpdir(), 'people-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A picture of noise, in which drawn models find a face. */
async function noisePhoto(seed: number): Promise<string> {
  const path = join(folder, `noise-${seed}.png`)
  const raw = { width: 160, height: 160, channels: 3 } as const
  await sharp(noise(seed, 160, 160).pixels, { raw })
    .png()
    .toFile(path)
  return path
}

/** What does not come in a quarter of a minute does not come. */
async function open(...args: Parameters<typeof openPage>) {
  const opened = await openPage(...args)
  opened.page.setDefaultTimeout(15_000)
  return opened
}

/** Whether a file below a folder has these bytes. */
const holds = (below: string, bytes: Buffer): boolean =>
  readdirSync(below, { recursive: true, encoding: 'utf8' })
    .map((name) => join(below, name))
    .some((path) => statSync(path).isFile() && readFileSync(path).includes(bytes))

const choose = async (page: Page, ...files: string[]) =>
  page.locator('input[type=file]').first().setInputFiles(files)

/** Enrols by the page, as a person does: look, then save. */
async function enrol(page: Page, gallery: string, person: string, ...photos: string[]) {
  await page.goto(`/people?gallery=${gallery}&tab=enroll`)
  await page.getByLabel('Whose photographs these are').fill(person)
  await choose(page, ...photos)
  const looked = page.getByText('Good enough to be enrolled')
  await expect.poll(() => looked.count(), { timeout: 15_000 }).toBe(photos.length)
  // Drawn models find everybody alike, which a person has to overrule.
  for (const box of await page.getByLabel('Enrol', { exact: true }).all())
    if ((await box.getAttribute('type')) === 'checkbox') await box.check()
  await page.getByRole('button', { name: `Enrol ${photos.length}`, exact: true }).click()
  await expect.poll(() => page.getByText('Enrolled', { exact: true }).count()).toBe(photos.length)
}

/** What the page says of the faces on a photograph; drawn models find several. */
async function verdictOf(page: Page, gallery: string, photo: string): Promise<string> {
  await page.goto(`/recognize?gallery=${gallery}`)
  await choose(page, photo)
  await page.getByRole('listitem', { name: 'Face 1' }).waitFor()
  return page.locator('section.found').innerText()
}

const lifeOf = (models: 'drawn' | 'shared', photoOf: (i: number) => Promise<string>) => {
  let studio: Studio
  let browser: Browser
  beforeAll(async () => {
    const thresholds = join(folder, 'thresholds.json')
    writeFileSync(thresholds, JSON.stringify(THRESHOLDS))
    const options = { models, keys: true, config: { thresholds } }
    ;[studio, browser] = await Promise.all([startStudio(options), openChromium()])
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('is enrolled, found, merged, deleted, and gone from the disk', async () => {
    const { page, troubles } = await open(browser, studio, '/people')
    await page.getByRole('button', { name: 'New gallery' }).click()
    await page.getByLabel('Name').fill('staff')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('link', { name: 'staff' }).waitFor()

    const [ada, bob] = [await photoOf(0), await photoOf(1)]
    await enrol(page, 'staff', 'Ada Lovelace', ada)
    await enrol(page, 'staff', 'Bob', bob)
    const found = await verdictOf(page, 'staff', ada)
    expect(found).toContain('This is Ada Lovelace')
    expect(found).toMatch(/threshold 0\.\d{3} · false positive rate of a search \(FPIR\) 1%/)

    await page.goto('/people?gallery=staff&person=Bob')
    await page.getByRole('button', { name: 'Merge into another' }).click()
    await page.getByRole('alertdialog').getByLabel('Into').fill('Ada Lovelace')
    await page.getByRole('button', { name: 'Merge', exact: true }).click()
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
    await page.getByText('Faces: 2').waitFor()
    expect(await verdictOf(page, 'staff', bob)).toContain('This is Ada Lovelace')

    const bytes = new File([new Uint8Array(readFileSync(ada))], 'photo')
    const { data } = await studio.client.POST('/v1/embed', {
      params: { query: { faces: 'largest' } },
      body: { photo: [bytes] },
    })
    const embedding = Buffer.from(Float32Array.from(data!.photos[0]!.faces![0]!.embedding).buffer)
    const galleries = join(studio.data, 'galleries')
    expect(holds(galleries, embedding)).toBe(true)

    await page.goto('/people?gallery=staff&person=Ada+Lovelace')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const dialog = page.getByRole('alertdialog')
    expect(await dialog.innerText()).toContain('removes the person and 2 faces')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Nobody is in this gallery yet').waitFor()
    // The bytes follow within seconds.
    await expect.poll(() => holds(galleries, embedding), { timeout: 60_000 }).toBe(false)
    expect(await verdictOf(page, 'staff', ada)).toContain('Nobody of this gallery')
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('is asked for with a key that may do that alone, in a gallery', async () => {
    await studio.client.POST('/v1/galleries', { body: { name: 'gate' } })
    const keyFor = async (more: { galleries?: string[]; scores?: boolean }) => {
      const body = { name: 'Gate', scopes: ['identify' as const], ...more }
      return (await studio.client.POST('/v1/keys', { body })).data!.secret
    }
    const galleries = ['gate']
    const { url } = studio
    const { page, troubles } = await open(
      browser,
      { url, key: await keyFor({ galleries, scores: true }) },
      '/',
    )
    await choose(page, await photoOf(0))
    await page.getByRole('listitem', { name: 'Face 1' }).waitFor()
    expect(await page.locator('section.found').innerText()).toContain('Nobody of this gallery')
    expect(troubles).toEqual([])
    await page.context().close()
    for (const more of [{ galleries }, { scores: true }]) {
      const other = await open(browser, { url, key: await keyFor(more) }, '/recognize')
      await other.page.getByText('Your key does not allow what this page shows.').waitFor()
      await other.page.context().close()
    }
  }, 60_000)
}

describe.skipIf(!chromium)('somebody in the pages, in Chromium, with drawn models', () => {
  lifeOf('drawn', noisePhoto)
})

describe.skipIf(!chromium || !hasShared)(
  'somebody in the pages, with real faces (../shared)',
  () => {
    lifeOf('shared', async (person) => sharedPhoto(person, 0))
  },
)

describe.skipIf(!chromium)('the pages of people, in Chromium', () => {
  const long = `${'Ada Lovelace '.repeat(38)}Byron`
  const awkward = ['עדה לאבלייס', 'عائشة', long, '100% / ?#&', '<img src=x onerror=alert(1)>']
  let studio: Studio
  let browser: Browser
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
    await studio.client.POST('/v1/galleries', { body: { name: 'staff' } })
    for (const name of [...awkward, 'Ada'])
      await studio.client.POST('/v1/galleries/{gallery}/people', {
        params: { path: { gallery: 'staff' } },
        body: { name, groups: name === 'Ada' ? ['night'] : [] },
      })
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('list names of every script and length, and find by a part of them', async () => {
    const { page, troubles } = await open(browser, studio, '/people?gallery=staff', {
      width: 390,
    })
    await page.getByText('6 people').waitFor()
    for (const name of awkward) {
      await page.getByLabel('Find by name').fill(name.slice(0, 60))
      await page.getByText('1 people').waitFor()
      await page.getByRole('link', { name: name.slice(0, 60) }).click()
      await expect.poll(() => page.locator('h1').innerText()).toBe(name)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(wide, name).toBeLessThanOrEqual(390)
      await page.goBack()
      await page.getByLabel('Find by name').fill('')
    }
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('say what will not decode, and enrol the others', async () => {
    const { page } = await open(browser, studio, '/people?gallery=staff&tab=enroll')
    const broken = join(folder, 'broken.jpg')
    writeFileSync(broken, 'no picture')
    await page.getByLabel('Whose photographs these are').fill('Cara')
    await choose(page, broken, await noisePhoto(7))
    await page.getByText('1 of 2 will be enrolled').waitFor()
    const item = page.getByRole('listitem').filter({ hasText: 'broken.jpg' })
    expect(await item.innerText()).toContain('This browser cannot show the file')
    expect(await item.getByRole('alert').innerText()).toMatch(/RECOGNIZE_/)
    await page.getByRole('button', { name: 'Enrol 1' }).click()
    await page.getByText('Enrolled', { exact: true }).waitFor()
    await page.context().close()
  }, 60_000)

  it('give a face to somebody new: not this person', async () => {
    const { page, troubles } = await open(browser, studio, '/people?gallery=staff')
    await enrol(page, 'staff', 'Dora', await noisePhoto(11), await noisePhoto(12))
    await page.goto('/people?gallery=staff&person=Dora')
    await page.getByRole('button', { name: 'Check the faces' }).click()
    await page.getByText('The least fitting come first').waitFor()
    await page.getByLabel('Choose').first().check()
    await page.getByRole('button', { name: 'Not this person' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('Whose they are').selectOption('somebodyNew')
    await dialog.getByLabel('Name').fill('Emma')
    await dialog.getByRole('button', { name: 'Move them' }).click()
    await page.getByText('Faces: 1').waitFor()
    await page.goto('/people?gallery=staff&person=Emma')
    await page.getByText('Faces: 1').waitFor()
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('tell the second of two who edit that the first was before, and keep what was written', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => open(browser, studio, '/people?gallery=staff&person=Ada')),
    )
    for (const { page } of [first!, second!])
      await expect.poll(() => page.getByLabel('Groups').inputValue()).toBe('night')
    await first!.page.getByLabel('Groups').fill('night, first')
    await second!.page.getByLabel('Groups').fill('night, second')
    await first!.page.getByRole('button', { name: 'Save' }).click()
    await first!.page.getByText('Saved').waitFor()
    await second!.page.getByRole('button', { name: 'Save' }).click()
    await second!.page.getByText('Somebody else has changed this person').waitFor()
    await second!.page.getByText('groups first, night').waitFor()
    expect(await second!.page.getByLabel('Groups').inputValue()).toBe('night, second')
    const groups = async () => {
      const params = { path: { gallery: 'staff', person: 'Ada' } }
      const url = '/v1/galleries/{gallery}/people/{person}'
      return (await studio.client.GET(url, { params })).data!.groups
    }
    expect(await groups()).toEqual(['first', 'night'])
    await second!.page.getByRole('button', { name: 'Save' }).click()
    await second!.page.getByText('Saved').waitFor()
    expect(await groups()).toEqual(['night', 'second'])
    await Promise.all([first!, second!].map(({ page }) => page.context().close()))
  }, 60_000)

  it('say why somebody is kept and until when, and give a receipt of who is deleted', async () => {
    const url = '/v1/galleries/{gallery}/people/{person}'
    const params = { path: { gallery: 'staff', person: 'Hedy' } }
    const at = '2026-01-02T03:04:05.000Z'
    await studio.client.POST('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: 'staff' } },
      body: { name: 'Hedy', consent: { basis: 'contract', at } },
    })
    const { page, troubles } = await open(browser, studio, '/people?gallery=staff&person=Hedy')
    const basis = page.getByLabel('Why this person may be kept')
    await expect.poll(() => basis.inputValue()).toBe('contract')
    expect(await page.getByLabel('Given on').inputValue()).toBe('2026-01-02')
    await page.getByLabel('Evidence').fill('form 12')
    await page.getByLabel('Ends on').fill('2999-01-31')
    await page.getByLabel('Kept until').fill('2998-12-31')
    await basis.fill('')
    await page.getByText('A consent has a basis.').waitFor()
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await basis.fill('consent')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved').waitFor()
    const { data } = await studio.client.GET(url, { params })
    expect(data).toMatchObject({
      // A day that was not touched keeps its time.
      consent: { basis: 'consent', at, evidence: 'form 12', expires: '2999-01-31T00:00:00.000Z' },
      retainUntil: '2998-12-31T00:00:00.000Z',
    })
    for (const label of [
      'Why this person may be kept',
      'Given on',
      'Evidence',
      'Ends on',
      'Kept until',
    ])
      await page.getByLabel(label).fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect
      .poll(async () => Object.keys((await studio.client.GET(url, { params })).data!).sort())
      .toEqual(['added', 'faces', 'groups', 'metadata', 'name', 'version'])

    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('Save a receipt').check()
    const saving = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    const path = await (await saving).path()
    const receipt = JSON.parse(readFileSync(path, 'utf8'))
    expect(receipt).toMatchObject({ gallery: 'staff', why: 'asked', people: [{ faces: 0 }] })
    expect((await studio.client.GET(url, { params })).error?.code).toBe('GALLERY_PERSON')
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('put strangers together, who are named', async () => {
    // Drawn models find everybody alike: where somebody is, nobody is a stranger.
    await studio.client.POST('/v1/galleries', { body: { name: 'fresh' } })
    const { page, troubles } = await open(browser, studio, '/people?gallery=fresh&tab=strangers')
    await choose(page, await noisePhoto(21), await noisePhoto(22))
    const cluster = page.getByRole('form', { name: /^Stranger 1,/ })
    await cluster.getByLabel('Name', { exact: true }).fill('Fay')
    await cluster.getByRole('button', { name: 'Enrol', exact: true }).click()
    await cluster.getByText('Enrolled as Fay').waitFor()
    await page.goto('/people?gallery=fresh&person=Fay')
    await page.getByText(/^Faces: [1-9]/).waitFor()
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('show who is there twice, and merge them', async () => {
    const photo = await noisePhoto(31)
    for (const person of ['Gil', 'Gil again'])
      await studio.client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
        params: { path: { gallery: 'staff', person } },
        body: { photo: [new File([new Uint8Array(readFileSync(photo))], 'gil.png')] },
      })
    const { page, troubles } = await open(browser, studio, '/people?gallery=staff&tab=duplicates')
    await page.getByRole('button', { name: 'Look for duplicates' }).click()
    const pair = page.getByRole('listitem').filter({ hasText: 'cosine 1.000' })
    await pair.getByRole('button', { name: 'Merge into Gil again' }).click()
    const dialog = page.getByRole('alertdialog')
    expect(await dialog.innerText()).toContain('All faces of Gil go to Gil again')
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
    await dialog.waitFor({ state: 'hidden' })
    await expect.poll(() => pair.count()).toBe(0)
    const { data } = await studio.client.GET('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: 'staff' }, query: { search: 'Gil' } },
    })
    expect(data!.people).toMatchObject([{ name: 'Gil again', faces: 2 }])
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('go on by themselves when the server was gone', async () => {
    const { page } = await open(browser, studio, '/people?gallery=staff')
    await page.getByText(/\d+ people/).waitFor()
    await studio.kill()
    await page.getByLabel('Find by name').fill('Ada')
    await page.getByText('The server does not answer. What you see').waitFor()
    await studio.start()
    await page.getByText('2 people').waitFor({ timeout: 30_000 })
    await expect.poll(() => page.getByText('The server does not answer').count()).toBe(0)
    await page.context().close()
  }, 90_000)
})
