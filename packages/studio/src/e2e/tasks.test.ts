import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawnModels, REPOSITORY } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

let studio: Studio
let browser: Browser

/** A file whose name is long, and written from right to left. */
const LONG = `${'\u0645\u0631\u064a\u0645 '.repeat(14).trim()}.txt`

async function start(body: { kind: 'verification'; pairs: string; model?: string }) {
  const whole = { model: 'model.onnx', images: 'faces', ...body }
  const { data, error } = await studio.client.POST('/v1/tasks', { body: whole })
  expect(error).toBeUndefined()
  return data!
}
const startToy = async () => {
  const losses = [16, 24, 32, 64].map((scale) => ({ m1: 1, m2: 0.5, m3: 0, scale }))
  return (await studio.client.POST('/v1/tasks', { body: { kind: 'toy', losses } })).data!
}
const stateOf = async (task: string) =>
  (await studio.client.GET('/v1/tasks/{task}', { params: { path: { task } } })).data?.state

describe.skipIf(!chromium)('the page of tasks, in Chromium', () => {
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
    const { model } = drawnModels(studio.workspace)
    writeFileSync(join(studio.workspace, 'model.onnx'), readFileSync(model))
    const bin = join(REPOSITORY, 'packages/cli/bin/arcface.js')
    const drawn = ['synthesize', 'faces', '--people', '20', '--images', '4', '--pairs', 'pairs.txt']
    spawnSync(process.execPath, [bin, ...drawn], { cwd: studio.workspace })
    writeFileSync(join(studio.workspace, LONG), 'no pairs')
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('shows what a command says and comes to, and removes it with its files', async () => {
    const { page, troubles } = await openPage(browser, studio, '/tasks')
    await page.getByText('No task yet.').waitFor()
    const { id, folder } = await start({ kind: 'verification', pairs: 'pairs.txt' })
    const row = page.getByRole('row', { name: /Verification/ })
    await row.getByText('Done').waitFor({ timeout: 60_000 })
    await row.getByRole('link').click()
    await page.waitForURL(`**/tasks/${id}`)
    const out = JSON.parse(readFileSync(join(studio.workspace, folder, 'out.json'), 'utf8'))
    const result = await page.getByRole('region', { name: 'Result' }).locator('pre').innerText()
    expect(JSON.parse(result)).toEqual(out)
    await page.getByText('arcface evaluate verification --model ./model.onnx').waitFor()
    // Its files, to be saved as they are.
    const saving = page.waitForEvent('download')
    await page.getByRole('link', { name: 'report/report.html' }).click()
    const saved = readFileSync(await (await saving).path(), 'utf8')
    expect(saved).toBe(readFileSync(join(studio.workspace, folder, 'report/report.html'), 'utf8'))

    await page.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('alertdialog')
    expect(await dialog.innerText()).toContain(folder)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect(await stateOf(id)).toBe('done')
    await page.getByRole('button', { name: 'Remove' }).click()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.waitForURL('**/tasks')
    await page.getByText('No task yet.').waitFor()
    expect(existsSync(join(studio.workspace, folder))).toBe(false)
    expect(troubles).toEqual([])
    await page.goto(`/tasks/${id}`)
    await page.getByText('There is no such task').waitFor()
    await page.context().close()
  }, 120_000)

  it('tells an error with its code, also of names that are long and right to left', async () => {
    const { id } = await start({ kind: 'verification', pairs: LONG })
    const { page, troubles } = await openPage(browser, studio, `/tasks/${id}`, { width: 390 })
    const problem = page.getByRole('alert')
    await problem.waitFor({ timeout: 60_000 })
    const { data } = await studio.client.GET('/v1/tasks/{task}', { params: { path: { task: id } } })
    expect(await problem.innerText()).toContain(data!.problem!.code)
    const log = page.getByRole('region', { name: 'What it says' }).locator('pre')
    await expect.poll(() => log.innerText()).toContain(`error ${data!.problem!.code}`)
    // Nothing makes the page wider than it is.
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBeLessThanOrEqual(390)
    // Again is a task of its own, and ends the same.
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.waitForURL((url) => url.pathname !== `/tasks/${id}`)
    await problem.waitFor({ timeout: 60_000 })
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('shows how far one is though the server goes and comes back, lets others wait, and stops it', async () => {
    const { page } = await openPage(browser, studio, '/tasks')
    const [first, second, third] = [await startToy(), await startToy(), await startToy()]
    const rows = page.getByRole('row', { name: /Toy/ })
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(3)
    await rows.getByRole('progressbar').first().waitFor({ timeout: 60_000 })
    expect(await stateOf(third.id)).toBe('waiting')
    await page.goto(`/tasks/${first.id}`)
    await page.getByText('Running').waitFor()
    await studio.kill()
    await studio.start()
    await page.getByRole('progressbar').waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Cancelled').waitFor({ timeout: 60_000 })
    expect(await stateOf(first.id)).toBe('cancelled')
    // Whoever waited has its place.
    await expect.poll(() => stateOf(third.id), { timeout: 20_000 }).toBe('running')
    // By keyboard, from the list.
    await page.goto('/tasks')
    for (const { id } of [third, second]) {
      const row = page.getByRole('row').filter({ has: page.locator(`a[href="/tasks/${id}"]`) })
      await row.getByRole('button', { name: 'Stop' }).press('Enter')
      await row.getByText('Cancelled').waitFor({ timeout: 60_000 })
    }
    await page.context().close()
  }, 240_000)
})
