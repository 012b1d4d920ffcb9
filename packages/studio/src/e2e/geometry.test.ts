import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@arcface/server/client'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

let studio: Studio
let browser: Browser

const inDegrees = (angle: number) => (angle * 180) / Math.PI
const inRadians = (angle: number) => (angle * Math.PI) / 180

/** The text of a part of the page, by its heading. */
const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

describe.skipIf(!chromium)('the page of geometry, in Chromium', () => {
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('puts the numbers of the sliders into the formulas of the paper', async () => {
    const { page, troubles } = await openPage(browser, studio, '/geometry')
    const sample = part(page, 'An angle on the sphere')
    const target = part(page, 'The target logit')
    const boundary = part(page, 'The boundary of two classes')
    // ArcFace, s 64, at 60 degrees: 64 cos(60 degrees + 0.5).
    const logit = (value: number) => (64 * value).toFixed(2).replace('-', '−')
    await expect.poll(() => target.innerText()).toContain(logit(Math.cos(Math.PI / 3 + 0.5)))
    expect(await sample.innerText()).toContain(`at ${(60 + inDegrees(0.5)).toFixed(1)}°`)
    expect(await sample.innerText()).toContain((Math.PI / 3).toFixed(3))
    expect(await boundary.innerText()).toContain(`${inDegrees(0.5).toFixed(1)}°`)

    await page.getByLabel('Start from').selectOption('CosFace')
    await expect.poll(() => target.innerText()).toContain(logit(0.5 - 0.35))
    // cos(a) - cos(90 - a) = 0.35 on both sides of the middle.
    const gap = 2 * Math.asin(0.35 / (2 * Math.sin(Math.PI / 4)))
    expect(await boundary.innerText()).toContain(`${inDegrees(gap).toFixed(1)}°`)

    // By keyboard: a step of m3 and a degree of theta.
    await page.getByRole('slider', { name: 'm₃' }).press('ArrowRight')
    await page.getByRole('slider', { name: 'θ, to its own centre' }).press('ArrowRight')
    await expect.poll(() => target.innerText()).toContain(logit(Math.cos(inRadians(61)) - 0.36))
    expect(await page.getByLabel('Start from').inputValue()).toBe('own')

    // Few classes and a small scale: what a sample on its centre can reach at most.
    await page.getByLabel('Start from').selectOption('Norm-Softmax')
    await page.getByLabel('Number of classes N').selectOption('8')
    await page.getByRole('spinbutton', { name: 's, scale' }).fill('1')
    const most = Math.E / (Math.E + 7)
    await expect
      .poll(() => part(page, 'Scale and number of classes').innerText())
      .toContain(`p = ${Number(most.toPrecision(3))}`)
    expect(troubles).toEqual([])
    await page.context().close()
  })

  it('answers ten questions, each where the list leads to', async () => {
    for (const language of ['en', 'zh'] as const) {
      const look = { language, width: 390, theme: 'dark' } as const
      const { page, troubles } = await openPage(browser, studio, '/geometry', look)
      const links = page.locator('nav ol a')
      await expect.poll(() => links.count()).toBe(10)
      for (const link of await links.all()) {
        await link.click()
        const answer = page.locator('.answer:target')
        expect(await answer.locator('h3').innerText()).toBe(await link.innerText())
        expect((await answer.locator('p').first().innerText()).length).toBeGreaterThan(20)
      }
      // Nothing is wider than a telephone.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      expect(troubles).toEqual([])
      await page.context().close()
    }
  })

  it('turns the sphere by keyboard and by hand, and back', async () => {
    const { page, troubles } = await openPage(browser, studio, '/geometry')
    const sphere = page.getByRole('application').first()
    const drawn = () =>
      sphere.locator('canvas').evaluate((one: HTMLCanvasElement) => one.toDataURL())
    /** Red, green, blue and how much of it, at a share of the width and height. */
    const at = (x: number, y: number) =>
      sphere
        .locator('canvas')
        .evaluate(
          (one: HTMLCanvasElement, [x, y]) => [
            ...one.getContext('2d')!.getImageData(x! * one.width, y! * one.height, 1, 1).data,
          ],
          [x, y],
        )
    await sphere.scrollIntoViewIfNeeded()
    await expect.poll(async () => (await at(0.53, 0.45))[3]).toBeGreaterThan(0)
    const first = await drawn()
    // White paper, as neither class holds the middle.
    expect(await at(0.53, 0.45)).toEqual([255, 255, 255, 255])
    await sphere.focus()
    for (let i = 0; i < 18; i++) await page.keyboard.press('ArrowRight')
    await expect.poll(drawn).not.toBe(first)
    await page.keyboard.press('Home')
    await expect.poll(drawn).toBe(first)
    const box = (await sphere.boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width, box.y + box.height / 2, { steps: 4 })
    await page.mouse.up()
    // Class 1, which was on the left, is there.
    await expect.poll(() => at(0.53, 0.45)).toEqual([16, 111, 102, 115])
    expect(troubles).toEqual([])
    await page.context().close()
  })

  it('trains the toy under the margins chosen, though the server dies meanwhile, and plays it', async () => {
    const { page } = await openPage(browser, studio, '/geometry')
    await page.getByRole('button', { name: 'Train the toy' }).click()
    const toy = part(page, 'The toy: a network trained under this loss')
    await toy.getByText(/geometry toy --loss/).waitFor()
    await studio.kill()
    await studio.start()
    await toy.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 })

    const [task] = (await studio.client.GET('/v1/tasks')).data!.tasks
    const out = readFileSync(join(studio.workspace, task!.folder, 'out.json'), 'utf8')
    const { runs } = JSON.parse(out) as {
      runs: { dim: number; loss: object; frames: Record<string, number>[] }[]
    }
    expect(runs.map(({ dim, loss }) => [dim, loss])).toEqual(
      [2, 3].flatMap((dim) => [
        [dim, { name: 'unified', m1: 1, m2: 0.5, m3: 0, scale: 16 }],
        [dim, { name: 'unified', m1: 1, m2: 0, m3: 0, scale: 16 }],
      ]),
    )
    const cells = async () =>
      (await toy.locator('tbody tr').all()).map(
        async (row) => (await row.locator('td').allInnerTexts())[1],
      )
    const intra = (frame: number) =>
      runs.map(({ frames }) => `${frames.at(frame)!.intraDegrees!.toFixed(1)}°`)
    expect(await Promise.all(await cells())).toEqual(intra(-1))
    // Margins make identities compact, in two dimensions and in three.
    const last = runs.map(({ frames }) => frames.at(-1)!.intraDegrees!)
    expect(last[0]).toBeLessThan(last[1]!)
    expect(last[2]).toBeLessThan(last[3]!)

    await toy.getByRole('slider', { name: 'Steps trained' }).press('Home')
    expect(await Promise.all(await cells())).toEqual(intra(0))
    await toy.getByRole('button', { name: 'Play' }).click()
    await expect.poll(async () => Promise.all(await cells())).not.toEqual(intra(0))
    // 30 patterns of each of eight identities, in two pictures of the circle.
    expect(await toy.locator('svg .point').count()).toBe(2 * 240)
    // It is there again in a page that is opened at this address.
    await page.reload()
    await toy.getByText('Done', { exact: true }).waitFor()
    await page.context().close()
  }, 180_000)

  it('stops the toy, and says of one that is gone that it is', async () => {
    const { page } = await openPage(browser, studio, '/geometry')
    const toy = part(page, 'The toy: a network trained under this loss')
    await toy.getByRole('button', { name: 'Train the toy' }).click()
    await toy.getByRole('button', { name: 'Stop' }).click()
    await toy.getByText('Cancelled', { exact: true }).waitFor({ timeout: 30_000 })
    const id = new URL(page.url()).searchParams.get('toy')!
    await studio.client.DELETE('/v1/tasks/{task}', { params: { path: { task: id } } })
    await page.reload()
    await toy.getByText('there is no task of this id').waitFor()
    await toy.getByRole('button', { name: 'Train it again' }).waitFor()
    await page.context().close()
  }, 60_000)

  it('shows all but the toy to a key that may only read; on a telephone its sliders open over the page', async () => {
    const make = async (scopes: ('admin' | 'read')[], client = studio.client) =>
      (await client.POST('/v1/keys', { body: { name: scopes.join(), scopes } })).data!.secret
    const admin = await make(['admin'])
    const key = await make(['read'], connect({ url: studio.url, key: admin }))
    const { url } = studio
    const { page, troubles } = await openPage(browser, { url, key }, '/geometry', { width: 390 })
    const toy = part(page, 'The toy: a network trained under this loss')
    await toy.getByText('Training on the server is for keys with the scope admin').waitFor()
    expect(await toy.getByRole('button').count()).toBe(0)

    const preset = page.getByLabel('Start from')
    expect(await preset.isVisible()).toBe(false)
    await page.getByText('ArcFace (1, 0.5, 0), s 64').press('Enter')
    await preset.selectOption('CM1')
    await page.getByText('CM1 (1, 0.3, 0.2), s 64').waitFor()
    // What is changed is seen below.
    await part(page, 'The target logit').scrollIntoViewIfNeeded()
    expect(await preset.isVisible()).toBe(true)
    expect(troubles).toEqual([])
    await page.context().close()
  })
})
