import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ARCFACE_ALIGNMENT, decodeModel, encodeModel, setArcfaceMetadata } from '@arcface/onnx'
import { hasShared, REPOSITORY, sharedModels, tinyModel } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import { Random } from '@arcface/vision'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

const ARCFACE = join(REPOSITORY, 'packages/cli/bin/arcface.js')
const rightToLeft = `${'\u0639\u0644\u064a'.repeat(35)} "x"`

let studio: Studio
let browser: Browser
const at = (...names: string[]) => join(studio.workspace, ...names)
const arcface = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ARCFACE, ...args], {
    ...{ encoding: 'utf8', cwd: studio.workspace },
  })
  expect(stderr).not.toMatch(/error/)
  expect(status).toBe(0)
  return stdout
}
/** Paths of a folder of people, in order. */
const imagesOf = (folder: string) =>
  readdirSync(at(folder)).flatMap((person) =>
    readdirSync(at(folder, person)).map((name) => `${folder}/${person}/${name}`),
  )

/** Looks through a folder by the form, and waits for what it finds. */
async function lookThrough(page: Page, roots: string, model: string, groups = '') {
  await page.getByLabel('Folder of people').fill(roots)
  await page.getByLabel('Model', { exact: true }).fill(model)
  await page.getByLabel('Groups').fill(groups)
  await page.getByRole('button', { name: 'Look through it' }).click()
  await page.getByRole('toolbar', { name: 'Decide' }).waitFor({ timeout: 120_000 })
}
const text = (page: Page) => page.locator('article').innerText()

/** Makes the list of what was decided; its name. */
async function makeList(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Make the list' }).click()
  const dialog = page.getByRole('dialog')
  const name = await dialog.getByLabel('List').inputValue()
  await dialog.getByRole('button', { name: 'Make the list' }).click()
  await dialog.getByText('The list has').waitFor({ timeout: 60_000 })
  return name
}

describe.skipIf(!chromium)('the page of curation, in Chromium', () => {
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('is worked by keyboard, goes on after a reload, and changes nothing but makes a list', async () => {
    arcface('synthesize', 'faces', '--people', '4', '--images', '4')
    const [ada, bob, cyd] = readdirSync(at('faces')).sort()
    renameSync(at('faces', cyd!), at('faces', rightToLeft))
    const [first] = readdirSync(at('faces', ada!)).sort()
    copyFileSync(at('faces', ada!, first!), at('faces', bob!, `of-${first}`))
    writeFileSync(at('faces', ada!, 'broken.jpg'), 'x')
    writeFileSync(at('tiny.onnx'), tinyModel({ dim: 8, normalize: true }))
    writeFileSync(at('groups.csv'), `person,site\n${ada},north\n${bob},south\n`)
    const before = imagesOf('faces')

    const { page, troubles } = await openPage(browser, studio, '/curate')
    await lookThrough(page, 'faces', 'tiny.onnx', 'groups.csv')
    await page.getByLabel('Show').selectOption('copy-of-two')
    await expect.poll(() => text(page)).toContain('One picture, several names')
    await page.locator('article img').first().waitFor()
    const copies = await page.locator('article li').allInnerTexts()
    expect(copies[0]).toContain('to keep')
    await page.keyboard.press('d')
    await expect.poll(() => text(page)).toContain('Dropped')
    await page.keyboard.press('u')
    await expect.poll(() => text(page)).toContain('Not decided')
    await page.keyboard.press('a')
    await expect.poll(() => text(page)).toContain('Dropped')

    // While the server is gone decisions go on; it is said, and over when it is back.
    await studio.kill()
    await page.keyboard.press('u')
    await expect.poll(() => text(page)).toContain('Not decided')
    await studio.start()
    await page.keyboard.press('d')
    await expect.poll(() => text(page)).toContain('Dropped')

    // What does not decode has words where its picture would be.
    await page.getByLabel('Show').selectOption('unreadable')
    await expect.poll(() => text(page)).toContain('No picture')
    await page.keyboard.press('d')
    await page.reload()
    await page.getByLabel('Show').selectOption('unreadable')
    await expect.poll(() => text(page)).toContain('Dropped')

    // An image of a label that the model takes for wrong goes to a new person of 500 characters.
    await page.getByLabel('Show').selectOption('label')
    await page.locator('article[data-kind=label]').waitFor()
    const shown = () => page.locator('article .curate-path').innerText()
    // The copy is dropped already.
    if ((await shown()).includes('/of-')) await page.keyboard.press('n')
    const path = await shown()
    expect(path).not.toContain('/of-')
    const long = 'n'.repeat(500)
    await page.keyboard.press('m')
    await page.getByRole('dialog').getByLabel('Person').fill(long)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)

    const list = await makeList(page)
    const lines = readFileSync(at(list), 'utf8').trimEnd().split('\n')
    expect(lines).toContain(`${path}\t\t${long}`)
    expect(lines.map((line) => line.split('\t')[0])).not.toContain(`faces/${ada}/broken.jpg`)
    expect(lines).toHaveLength(before.length - 2)
    expect(imagesOf('faces')).toEqual(before)
    expect(troubles.filter((one) => !one.includes('broken.jpg') && !one.includes('422'))).toEqual(
      [],
    )

    // The same by the script, and a training takes it.
    const [script] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Script' }).click(),
    ])
    const text_ = readFileSync((await script.path())!, 'utf8')
    const ours = text_.replace(/^arcface/m, `'${process.execPath}' '${ARCFACE}'`)
    renameSync(at(list), at('first.txt'))
    expect(spawnSync('sh', ['-c', ours], { cwd: studio.workspace }).status).toBe(0)
    expect(readFileSync(at(list), 'utf8')).toBe(readFileSync(at('first.txt'), 'utf8'))
    const config = {
      ...{ output: 'run', data: { roots: ['faces'], list } },
      ...{ model: { backbone: 'r10-small', embedding: 8 }, train: { epochs: 1, batchSize: 4 } },
    }
    writeFileSync(at('train.yaml'), JSON.stringify(config))
    const trained = JSON.parse(arcface('train', 'train.yaml', '--json').trim().split('\n').at(-1)!)
    expect(trained).toMatchObject({ steps: Math.floor((before.length - 2) / 4) })
    await page.context().close()
  }, 240_000)

  it('shows every image on a map, by PCA at once and by UMAP, to pointer and keyboard', async () => {
    const { page, troubles } = await openPage(browser, studio, '/curate')
    await page.locator('.curate-earlier button').first().click()
    await page.getByRole('tab', { name: 'Map' }).click()
    const map = page.getByRole('application')
    await map.focus()
    await page.keyboard.press('ArrowRight')
    const told = page.locator('.curate-told')
    await expect.poll(() => told.innerText()).toContain('faces/')
    const one = await told.innerText()
    for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowRight']) await page.keyboard.press(key)
    await expect.poll(() => told.innerText()).not.toBe(one)
    for (const key of ['+', '-', 'Shift+ArrowLeft', '0']) await page.keyboard.press(key)
    await told.locator('img').waitFor()
    await page.getByLabel('Colour').selectOption('error')
    await page.getByLabel('Colour').selectOption('Group: site')
    expect(await page.locator('.curate-legend li').allInnerTexts()).toEqual([
      ...['south', 'north', 'not known'],
    ])
    await page.getByLabel('Map by').selectOption('umap')
    await page.getByText('UMAP of a sample').waitFor({ timeout: 60_000 })
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  describe.skipIf(!hasShared)('on drawn faces of which 5 % are under a wrong name', () => {
    it('finds them: precision and recall beside those of chance', async () => {
      arcface('synthesize', 'many', '--people', '40', '--images', '12', '--seed', '7')
      const wrong = mislabel('many', 0.05)
      writeFileSync(at('sees.onnx'), seeing())
      const { page, troubles } = await openPage(browser, studio, '/curate')
      await lookThrough(page, 'many', 'sees.onnx')
      await page.getByLabel('Show').selectOption('label')
      const found: string[] = []
      for (let more = true; more; ) {
        const path = await page.locator('article .curate-path').innerText()
        more = !found.includes(path)
        if (!more) break
        found.push(path)
        await page.keyboard.press('d')
        await expect
          .poll(
            async () =>
              (await page.locator('article .curate-path').innerText()) !== path ||
              (await text(page)).includes('Dropped'),
          )
          .toBe(true)
      }
      const hits = found.filter((path) => wrong.has(path)).length
      const [precision, recall] = [hits / found.length, hits / wrong.size]
      // By chance 0.05 of what is shown would be wrong, and 0.06 of what is wrong be shown.
      expect(precision).toBeGreaterThan(0.6)
      expect(recall).toBeGreaterThan(0.6)
      const list = await makeList(page)
      const left = readFileSync(at(list), 'utf8').trimEnd().split('\n')
      expect(left.filter((path) => wrong.has(path))).toHaveLength(wrong.size - hits)
      expect(troubles).toEqual([])
      await page.context().close()
    }, 240_000)
  })
})

/** Moves a share of the images into folders of other people; their new paths. */
function mislabel(folder: string, share: number): Set<string> {
  const people = readdirSync(at(folder)).sort()
  const images = imagesOf(folder).sort()
  const random = new Random(3)
  const order = random.permutation(images.length)
  const wrong = new Set<string>()
  for (const i of order.subarray(0, Math.round(share * images.length))) {
    const [, own] = images[i]!.split('/')
    const others = people.filter((person) => person !== own)
    const to = `${folder}/${others[random.below(others.length)]}/from-${own}-${basename(images[i]!)}`
    renameSync(at(images[i]!), at(to))
    wrong.add(to)
  }
  return wrong
}

/** A network of ../shared that tells people apart, with what it does to pixels in the file. */
function seeing(): Uint8Array {
  const { model, preprocessing } = sharedModels()
  const network = decodeModel(readFileSync(model), model)
  setArcfaceMetadata(network, {
    ...{ format: 1, dim: 128, backbone: 'mobilefacenet', loss: { name: 'arcface' } },
    input: { ...preprocessing, layout: 'NCHW', size: [112, 112] },
    alignment: ARCFACE_ALIGNMENT,
  } as never)
  return encodeModel(network)
}
