import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseScoredSet } from '@arcface/evaluate'
import { hasShared, REPOSITORY, shared, tinyModel } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Look, openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

const ARCFACE = join(REPOSITORY, 'packages/cli/bin/arcface.js')

let studio: Studio
let browser: Browser

/** The command in the workspace, as the page shows it. */
function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ARCFACE, ...args], {
    cwd: studio.workspace,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
const json = (...args: string[]) => JSON.parse(arcface(...args, '--json'))
const at = (...parts: string[]) => join(studio.workspace, ...parts)

/** As the page writes rates. */
const rate = (value: number) =>
  new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 3 }).format(value)
const count = (value: number) => new Intl.NumberFormat('en').format(value)
const interval = ({ low, high }: { low: number; high: number }) => `[${rate(low)}, ${rate(high)}]`

const open = (path = '', look: Look = {}) => openPage(browser, studio, `/evaluate${path}`, look)

/** Measures by the form. @returns the row of the measurement, when it has ended */
async function measure(page: Page, model: string, images: string, pairs: string): Promise<Locator> {
  await page.getByLabel('Model', { exact: true }).fill(model)
  await page.getByLabel('Folder of images').fill(images)
  await page.getByLabel('List of pairs').fill(pairs)
  const measured = page.getByRole('region', { name: 'Measured' })
  const rows = measured.locator('tbody tr')
  // Counted when the list has come: until then there are no rows, however many it holds.
  await measured.or(page.getByText('Nothing has been measured yet.')).waitFor()
  const before = await rows.count()
  await page.getByRole('button', { name: 'Measure', exact: true }).click()
  await expect.poll(() => rows.count()).toBe(before + 1)
  await rows
    .first()
    .getByText(/^(Done|Failed)$/)
    .waitFor({ timeout: 60_000 })
  return rows.first()
}
const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click()
const threshold = async (page: Page) =>
  Number(await page.getByLabel('Threshold (cosine)').last().inputValue())
/** What a card says below its name. */
const card = (page: Page, name: string) => page.locator('.evaluate-rate', { hasText: name })

/** What the page tells, when people have been drawn, is what the command tells. */
async function expectRates(page: Page, told: Told) {
  const { far, frr, falseAccepts, impostors, falseRejects, genuine } = told
  for (const [name, one, errors, all] of [
    ['FAR', far, falseAccepts, impostors],
    ['FRR', frr, falseRejects, genuine],
  ] as const) {
    const text = [
      rate(one.value),
      interval(one.interval),
      `${count(errors)} of ${count(all)} pairs`,
    ]
    await expect
      .poll(() => card(page, `(${name})`).innerText(), { timeout: 30_000 })
      .toContain(text.join('\n'))
  }
}
interface Told
  extends Record<'far' | 'frr', { value: number; interval: { low: number; high: number } }>,
    Record<'falseAccepts' | 'impostors' | 'falseRejects' | 'genuine', number> {}

describe.skipIf(!chromium)('the page of evaluation, in Chromium', () => {
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
    arcface('synthesize', 'faces', '--people', '20', '--images', '3', '--pairs', 'pairs.txt')
    writeFileSync(at('one.onnx'), tinyModel({ dim: 8, normalize: true }))
    writeFileSync(at('two.onnx'), tinyModel({ dim: 5, normalize: true }))
    const people = readdirSync(at('faces')).sort()
    const groups = people.map((person, i) => `${person},${i % 2 ? 'odd' : 'even'}`)
    writeFileSync(at('groups.csv'), `person,number\n${groups.join('\n')}\n`)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  const list = ['--images', 'faces', '--pairs', 'pairs.txt', '--model', 'one.onnx']

  it('a threshold that is dragged has the figures of evaluate threshold', async () => {
    const { page, troubles } = await open()
    const row = await measure(page, 'one.onnx', 'faces', 'pairs.txt')
    await row.getByRole('button', { name: 'Show' }).click()
    const handle = page.getByRole('slider', { name: 'Threshold' })
    await handle.waitFor()
    const accuracy = json('evaluate', 'verification', ...list).accuracy
    expect(await page.getByRole('main').innerText()).toContain(
      `${(100 * accuracy).toFixed(2).replace(/\.?0+$/, '')}% ±`,
    )

    // By mouse, from where it is to a third of the drawing.
    await handle.scrollIntoViewIfNeeded()
    const drawn = (await page.locator('.evaluate-drawn').boundingBox())!
    const from = (await handle.boundingBox())!
    await page.mouse.move(from.x + from.width / 2, from.y + 20)
    await page.mouse.down()
    await page.mouse.move(drawn.x + drawn.width / 2, drawn.y + 60, { steps: 5 })
    await page.mouse.move(drawn.x + drawn.width / 3, drawn.y + 60, { steps: 5 })
    await page.mouse.up()
    const dragged = await threshold(page)
    const [low, high] = await Promise.all(
      ['aria-valuemin', 'aria-valuemax'].map(async (name) =>
        Number(await handle.getAttribute(name)),
      ),
    )
    expect(dragged).toBeCloseTo(low! + (high! - low!) / 3, 2)
    await expectRates(page, json('evaluate', 'threshold', ...list, '--threshold', `${dragged}`))

    // By keyboard.
    expect(await handle.evaluate((one) => one === document.activeElement)).toBe(true)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('PageDown')
    await expect.poll(() => threshold(page)).toBeCloseTo(dragged + 0.001 - 0.02, 6)
    await expectRates(
      page,
      json('evaluate', 'threshold', ...list, '--threshold', `${await threshold(page)}`),
    )

    // Written: the one that a FAR leads to.
    const told = json('evaluate', 'threshold', ...list, '--far', '0.2')
    const field = page.getByLabel('Threshold (cosine)').last()
    await field.fill(`${told.threshold}`)
    await field.press('Enter')
    await expect
      .poll(() => card(page, '(FAR)').innerText(), { timeout: 30_000 })
      .toContain(`${rate(told.reachedFar)}\n${interval(told.reachedFarInterval)}`)
    expect(await card(page, '(FRR)').innerText()).toContain(rate(1 - told.tar))
    // A script or another person gets there by the address.
    await page.reload()
    await expect.poll(() => threshold(page)).toBe(told.threshold)
    await field.fill('7')
    expect(await page.getByRole('alert').innerText()).toMatch(/^A cosine between/)

    // What it costs, of 1,000 attempts.
    await page.getByLabel('Price of a false accept').fill('10')
    await page.getByLabel('Price of a false reject').fill('2')
    await page.getByLabel('Genuine attempts').fill('80')
    const cost = 1000 * (0.2 * told.reachedFar * 10 + 0.8 * (1 - told.tar) * 2)
    const costs = page.getByRole('region', { name: 'What it costs' })
    await expect
      .poll(() => costs.innerText())
      .toContain(
        `Together\n${new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(cost)}`,
      )
    await costs.getByRole('button', { name: 'Use it' }).click()
    const cheapest = await costs.innerText()
    expect(cheapest).toMatch(/Cheapest on these pairs: cosine [\d.]+, which costs ([\d,.]+)\./)
    const [, least] = /which costs ([\d,.]+)\./.exec(cheapest)!
    await expect.poll(() => costs.innerText()).toContain(`Together\n${least}`)
    await page.getByLabel('Price of a false reject').fill('-1')
    expect(await costs.getByRole('alert').innerText()).toBe('A number, 0 or more.')
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('shows the worst pairs as pictures, the curves, and files of what was chosen', async () => {
    const { page, troubles } = await open()
    await page.getByRole('button', { name: 'Show' }).first().click()
    const set = scoresOf(page.url())
    const { first, same, cosine } = set.pairs
    const impostors = [...cosine.keys()].filter((p) => same[p] === 0)
    impostors.sort((p, q) => cosine[q]! - cosine[p]!)
    // Between the third and the fourth of the worst.
    const chosen = (cosine[impostors[2]!]! + cosine[impostors[3]!]!) / 2
    await page.goto(`${page.url()}&threshold=${chosen}`)
    await tab(page, 'Errors')
    const accepts = page.locator('section[data-kind=accepts] .evaluate-pair')
    await expect.poll(() => accepts.count()).toBe(3)
    for (const [k, one] of (await accepts.all()).entries()) {
      const p = impostors[k]!
      expect(await one.innerText()).toContain(`${cosine[p]!.toFixed(4)}, pair ${p + 1}`)
      expect(await one.locator('img').first().getAttribute('alt')).toBe(
        set.images[first[p]!]!.split('/').at(-1),
      )
      for (const image of await one.locator('img').all())
        await expect
          .poll(() => image.evaluate((shown: HTMLImageElement) => shown.naturalWidth))
          .toBeGreaterThan(0)
    }

    await tab(page, 'ROC and DET')
    await expect.poll(() => page.locator('.chart canvas').count()).toBe(2)
    await page.getByText(/Shaded: where the curve lies .*1,000 draws/).waitFor()

    await tab(page, 'Report')
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save thresholds.json' }).click()
    await (await saving).saveAs(at('chosen.json'))
    const command = (await page.locator('.command code').last().innerText()).split(' ')
    const far = command.at(-1)!
    const [person] = readdirSync(at('faces'))
    const faces = [1, 2].map((k) => `faces/${person}/${person}_000${k}.jpg`)
    const given = ['--model', 'one.onnx', '--thresholds', 'chosen.json', '--far', far]
    expect(json('verify', ...faces, ...given)).toMatchObject({
      threshold: chosen,
      far: Number(far),
    })

    await page.getByRole('button', { name: 'Write the report' }).click()
    const report = page.getByRole('link', { name: 'Save report.html' })
    await report.waitFor({ timeout: 60_000 })
    const answer = await page.request.get((await report.getAttribute('href'))!)
    expect(await answer.text()).toContain('Verification on pairs.txt')
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('two models stand beside each other, with the pairs on which they differ', async () => {
    const { page, troubles } = await open()
    await measure(page, 'two.onnx', 'faces', 'pairs.txt')
    const rows = page.getByRole('region', { name: 'Measured' }).locator('tbody tr')
    await rows.nth(1).getByRole('button', { name: 'Show' }).click()
    await rows.nth(0).getByRole('button', { name: 'Beside' }).click()
    await tab(page, 'Two models')
    const [one, two] = [scoresOf(page.url()), scoresOf(page.url(), 'beside')]
    await expect
      .poll(() => page.getByText(/decided rightly by one of the two only/).count())
      .toBe(1)
    const table = page.getByRole('region', { name: 'Two models' })
    const cells = await table.locator('tbody tr').first().locator('td').allInnerTexts()
    const at = cells.slice(1).map(Number)
    // As precise as they are shown: no pair lies so near.
    const differ = one.pairs.cosine.filter(
      (cosine, p) => cosine > at[0]! !== two.pairs.cosine[p]! > at[1]!,
    ).length
    const told = Number(
      /(\d+) pairs are decided/.exec(await page.getByRole('main').innerText())![1],
    )
    expect(Math.abs(told - differ)).toBeLessThanOrEqual(2)
    expect(told).toBeGreaterThan(0)
    await page.getByText(/Difference \(first − second\): .*\[.*\]/).waitFor({ timeout: 30_000 })
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('all pairs across people and groups have the figures of the commands', async () => {
    const { page, troubles } = await open()
    const row = await measure(page, 'one.onnx', 'faces', '')
    await row.getByRole('button', { name: 'Show' }).click()
    const across = ['--images', 'faces', '--model', 'one.onnx']
    const { cosine } = json('evaluate', 'threshold', ...across)
    const table = page.getByRole('region', { name: 'Thresholds that these pairs bear out' })
    for (const value of Object.values<number>(cosine))
      expect(await table.innerText()).toContain(value.toFixed(4))
    await table.getByRole('button', { name: 'Use it' }).first().click()
    const chosen = cosine['1e-1']
    await expect.poll(() => threshold(page)).toBe(chosen)
    await expectRates(page, json('evaluate', 'threshold', ...across, '--threshold', `${chosen}`))

    await tab(page, 'Groups')
    await page.getByLabel('Table of groups').fill('groups.csv')
    await page.getByRole('button', { name: 'Measure groups' }).click()
    const groups = page.getByRole('region', { name: 'number', exact: true })
    await groups.waitFor({ timeout: 60_000 })
    const found = json(
      'evaluate',
      'groups',
      ...across,
      '--groups',
      'groups.csv',
      `--threshold=${chosen}`,
    )
    for (const { name, fmr } of found.columns[0].groups)
      expect(await groups.locator('tr', { hasText: name }).innerText()).toContain(
        `${rate(fmr.value)} ${interval(fmr)}`,
      )
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('has pictures of a .bin, and says what is wrong with what it is given', async () => {
    arcface('data', 'convert', 'pairs.txt', 'pairs.bin', '--images', 'faces')
    const { page } = await open()
    await page.getByRole('button', { name: 'Measure', exact: true }).click()
    await page.getByText('Give a folder of images, a list of pairs, or both.').waitFor()
    await page.getByLabel('Model', { exact: true }).fill('../one.onnx')
    await page.getByLabel('List of pairs').fill('pairs.bin')
    await page.getByRole('button', { name: 'Measure', exact: true }).click()
    await page.getByText('SERVER_REQUEST').waitFor()
    const failed = await measure(page, 'one.onnx', 'faces', 'groups.csv')
    expect(await failed.innerText()).toMatch(/Failed/)
    const row = await measure(page, 'one.onnx', '', 'pairs.bin')
    await row.getByRole('button', { name: 'Show' }).click()
    await tab(page, 'Errors')
    const image = page.locator('.evaluate-pair img').first()
    await expect
      .poll(() => image.evaluate((shown: HTMLImageElement) => shown.naturalWidth))
      .toBeGreaterThan(0)
    expect(await image.getAttribute('src')).toMatch(/^data:image/)

    // Files that others have damaged, or removed.
    const file = at('tasks', new URL(page.url()).searchParams.get('of')!, 'scores.json')
    writeFileSync(file, '{"scores": 1')
    await page.reload()
    await page.getByText(/holds no scored pairs: no JSON/).waitFor()
    rmSync(file)
    await page.reload()
    await page.getByText('SERVER_MISSING').waitFor()
    await page.goto('/evaluate?of=20200101-000000-abcdef')
    await page.getByText(/This measurement is gone/).waitFor()
    await page.context().close()
  }, 120_000)

  it('stays as it is while the server is gone, and goes on when it is back', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: 'Show' }).last().click()
    await page.getByRole('slider', { name: 'Threshold' }).waitFor()
    const drawn = () =>
      expect.poll(() => card(page, '(FAR)').innerText(), { timeout: 30_000 }).toMatch(/\[.*\]/)
    await drawn()
    await studio.kill()
    await page.getByLabel('Model', { exact: true }).fill('one.onnx')
    await page.getByLabel('Folder of images').fill('faces')
    await page.getByRole('button', { name: 'Measure', exact: true }).click()
    await page.getByText('What you see may be old').waitFor({ timeout: 20_000 })
    // The intervals are drawn here.
    await page.getByRole('slider', { name: 'Threshold' }).press('ArrowLeft')
    await drawn()
    await studio.start()
    await expect.poll(() => page.locator('.place > .notice').count(), { timeout: 15_000 }).toBe(0)
    await page.context().close()
  }, 120_000)

  it('fits on a telephone, in Chinese and dark', async () => {
    for (const view of ['threshold', 'curves', 'errors', 'groups', 'beside', 'report']) {
      const { page, troubles } = await open('', { language: 'zh', theme: 'dark', width: 390 })
      await page.getByRole('button', { name: '显示' }).last().click()
      await page.goto(`${page.url()}&view=${view}`)
      await page.getByRole('tabpanel').waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      expect(troubles).toEqual([])
      await page.context().close()
    }
  }, 120_000)

  it.skipIf(!hasShared)(
    'a threshold on real faces has the figures of evaluate threshold',
    async () => {
      copyFileSync(join(shared, 'models/MobileFaceNet.onnx'), at('mobile.onnx'))
      const sidecar = { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
      writeFileSync(at('mobile.onnx.json'), JSON.stringify(sidecar))
      // Of each of the first two folds some pairs of both kinds.
      const [, ...lines] = readFileSync(join(shared, 'faces/celeba_pairs.txt'), 'utf8').split('\n')
      const some = [0, 300, 600, 900].flatMap((from) => lines.slice(from, from + 50))
      writeFileSync(at('celeba.txt'), ['2\t50', ...some, ''].join('\n'))
      for (const [name, k] of some.flatMap(imagesOf)) {
        mkdirSync(at('celeba', name), { recursive: true })
        const file = join(name, `${name}_${k.padStart(4, '0')}.jpg`)
        copyFileSync(join(shared, 'faces/celeba', file), at('celeba', file))
      }
      const { page, troubles } = await open()
      const row = await measure(page, 'mobile.onnx', 'celeba', 'celeba.txt')
      await row.getByRole('button', { name: 'Show' }).click()
      const field = page.getByLabel('Threshold (cosine)').last()
      const real = ['--model', 'mobile.onnx', '--images', 'celeba', '--pairs', 'celeba.txt']
      const told = json('evaluate', 'threshold', ...real, '--far', '0.1')
      await field.fill(`${told.threshold}`)
      await field.press('Enter')
      await expect
        .poll(() => card(page, '(FAR)').innerText(), { timeout: 30_000 })
        .toContain(`${rate(told.reachedFar)}\n${interval(told.reachedFarInterval)}`)
      expect(await card(page, '(FRR)').innerText()).toContain(rate(1 - told.tar))
      // It knows faces: at one false accept in ten it refuses few.
      expect(1 - told.tar).toBeLessThan(0.2)
      expect(troubles).toEqual([])
      await page.context().close()
    },
    180_000,
  )
})

/** Names and numbers of the two images of a line of LFW's kind. */
function imagesOf(line: string): [string, string][] {
  const [a, x, b, y] = line.split('\t') as [string, string, string, string?]
  return y === undefined
    ? [
        [a, x],
        [a, b],
      ]
    : [
        [a, x],
        [b, y],
      ]
}

function scoresOf(address: string, name = 'of') {
  const task = new URL(address).searchParams.get(name)!
  return parseScoredSet(readFileSync(at('tasks', task, 'scores.json'), 'utf8'), task)
}
