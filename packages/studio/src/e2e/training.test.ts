import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

const ARCFACE = join(REPOSITORY, 'packages/cli/bin/arcface.js')

let studio: Studio
let browser: Browser

/** Small enough for a step in hundredths of a second, long enough to be stopped on the way. */
const config = (output: string, more: object = {}) =>
  JSON.stringify({
    output,
    data: { roots: ['faces'] },
    model: { backbone: 'r10-small', embedding: 16 },
    loss: { name: 'arcface', scale: 16 },
    train: { epochs: 400, batchSize: 8, threads: 1 },
    checkpoint: { every: 50 },
    ...more,
  })

const linesOf = (run: string) =>
  readFileSync(join(studio.workspace, run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
const stepsOf = (run: string) => linesOf(run).map((line) => JSON.parse(line).step as number)

/** A run that was trained elsewhere: its configuration and what it has measured. */
function writeRun(run: string, lines: Iterable<string>, settings: object = {}) {
  const folder = join(studio.workspace, run)
  mkdirSync(join(folder, 'checkpoints'), { recursive: true })
  writeFileSync(join(folder, 'config.yaml'), config(run, settings))
  writeFileSync(join(folder, 'metrics.jsonl'), [...lines, ''].join('\n'))
}
const line = (step: number) =>
  JSON.stringify({
    ...{ step, epoch: 0, loss: 10 / Math.sqrt(step), lr: 0.1, marginShare: 1, gradNorm: 1 },
    ...{ headGradNorm: null, targetAngle: 1.2, otherAngle: 1.4, imagesPerSecond: 900 },
    ...{ seconds: { data: 0.001, forward: 0.01 }, memory: 3e8 },
  })

/** The figure that a chart says in words. */
const chart = (page: Page, name: string) => page.getByRole('img', { name: new RegExp(`^${name}`) })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

describe.skipIf(!chromium)('the pages of training, in Chromium', () => {
  beforeAll(async () => {
    ;[studio, browser] = await Promise.all([startStudio(), openChromium()])
    const faces = join(studio.workspace, 'faces')
    const args = [ARCFACE, 'synthesize', faces, '--people', '6', '--images', '8', '--json']
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await studio.close()
  })

  it('shows a run live, stops it and goes on with it', async () => {
    const body = { kind: 'train' as const, config: config('runs/live') }
    expect((await studio.client.POST('/v1/tasks', { body })).response.status).toBe(202)
    const { page, troubles } = await openPage(browser, studio, '/training')
    await page.getByRole('link', { name: 'runs/live' }).click()
    await page.getByText('Running', { exact: true }).waitFor()
    // What is written while the page looks comes by itself.
    await expect.poll(() => chart(page, 'Loss').count(), { timeout: 60_000 }).toBe(1)
    const told = () => chart(page, 'Mean angle to the centres').getAttribute('aria-label')
    const before = await told()
    expect(before).toMatch(/the own centre: \d+\.\d°; the nearest other: \d+\.\d°$/)
    await expect.poll(told, { timeout: 30_000 }).not.toBe(before)
    const batch = page.getByRole('img', { name: /^Images of the batch at step/ })
    await expect
      .poll(() => batch.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(400)

    await button(page, 'Save and stop').click()
    await page.getByText('Stopped', { exact: true }).waitFor({ timeout: 60_000 })
    const at = stepsOf('runs/live').at(-1)!
    expect(at).toBeGreaterThanOrEqual(10)
    expect(at).toBeLessThan(2400)

    await button(page, 'Resume').click()
    await page.getByText('Running', { exact: true }).waitFor({ timeout: 60_000 })
    await expect.poll(() => stepsOf('runs/live').at(-1), { timeout: 60_000 }).toBeGreaterThan(at)
    // Each step once, also where it was stopped.
    const steps = stepsOf('runs/live')
    expect(new Set(steps).size).toBe(steps.length)
    await button(page, 'Save and stop').click()
    await page.getByText('Stopped', { exact: true }).waitFor({ timeout: 60_000 })
    expect(troubles).toEqual([])
    await page.context().close()
  }, 240_000)

  it('lays runs over each other and names what differs in their configurations', async () => {
    writeRun('runs/one', [line(10), line(20)])
    writeRun('runs/other', [line(10), line(30)], { loss: { name: 'softmax' } })
    const { page, troubles } = await openPage(browser, studio, '/training')
    for (const run of ['runs/one', 'runs/other'])
      await page.getByRole('checkbox', { name: `Choose ${run} to compare` }).press('Space')
    await page.getByRole('link', { name: 'Compare', exact: true }).click()
    await expect.poll(() => chart(page, 'Loss: what is minimised').count()).toBe(1)
    const rows = page.getByRole('region', { name: 'What differs in their configurations' })
    const text = await rows.last().innerText()
    expect(text.replaceAll(/\s+/g, ' ')).toContain('loss.scale 16 not there')
    expect(text.replaceAll(/\s+/g, ' ')).toContain('loss.name "arcface" "softmax"')
    expect(text).not.toContain('output')
    expect(troubles).toEqual([])
    await page.context().close()
  }, 60_000)

  it('draws what is whole of a torn run, and stays while the server is gone', async () => {
    const name = `runs/${'ס'.repeat(80)}`
    writeRun(name, [line(10), '{"step": 20, "lo', '', line(30), '[]'])
    appendFileSync(join(studio.workspace, name, 'metrics.jsonl'), '{"step": 40')
    writeFileSync(join(studio.workspace, name, 'config.yaml'), 'data: [')
    const { page } = await openPage(
      browser,
      studio,
      `/training?${new URLSearchParams({ run: name })}`,
    )
    await page.getByText('Damaged', { exact: true }).waitFor()
    await page.getByText(/^Damaged lines of metrics\.jsonl/).waitFor()
    const told = () => chart(page, 'Loss').getAttribute('aria-label')
    await expect.poll(told).toContain((10 / Math.sqrt(30)).toPrecision(4))
    await studio.kill()
    await page.getByText(/^The server does not tell what is new/).waitFor({ timeout: 30_000 })
    expect(await told()).toContain((10 / Math.sqrt(30)).toPrecision(4))
    await studio.start()
    appendFileSync(join(studio.workspace, name, 'metrics.jsonl'), `\n${line(50)}\n`)
    await expect.poll(told, { timeout: 60_000 }).toContain((10 / Math.sqrt(50)).toPrecision(4))
    await page.context().close()
  }, 120_000)

  it('pans and zooms a run of 100,000 points', async () => {
    writeRun(
      'runs/long',
      Array.from({ length: 100_000 }, (_, i) => line(10 * (i + 1))),
    )
    const { page, troubles } = await openPage(browser, studio, '/training?run=runs%2Flong')
    const told = () => chart(page, 'Loss').getAttribute('aria-label')
    await expect.poll(told, { timeout: 60_000 }).toContain((10 / 1000).toPrecision(1))
    for (const name of ['Zoom in', 'Zoom in', 'Zoom in', 'Earlier', 'Earlier', 'Later'])
      await page.getByRole('button', { name: new RegExp(name) }).press('Enter')
    // An eighth of a million steps, panned by a quarter of that to and fro: read again, the loss at its end is exact.
    const end = 500_000 + 62_500 - 31_250
    await expect.poll(told, { timeout: 20_000 }).toContain((10 / Math.sqrt(end)).toPrecision(3))
    expect(troubles).toEqual([])
    await page.context().close()
  }, 120_000)

  it('starts a training from a form that tells what is wrong where it is', async () => {
    const { page, troubles } = await openPage(browser, studio, '/training')
    await page.getByRole('link', { name: 'New training' }).click()
    const text = page.getByRole('textbox', { name: 'YAML' })
    await page.getByLabel('Start from').selectOption('demo.yaml')
    await expect.poll(() => text.inputValue()).toMatch(/roots: *(\[ ?|\n *- )faces/)
    expect(await text.inputValue()).toContain('# bf16 is two to three times faster')

    // Of a value by itself the schema knows.
    const epochs = page.getByRole('textbox', { name: 'epochs', exact: true })
    await epochs.fill('0')
    await page.getByRole('alert').getByText('It must be 1 or more.').waitFor()
    expect(await button(page, 'Start the training').isDisabled()).toBe(true)
    await epochs.fill('300')
    expect(await text.inputValue()).toContain('epochs: 300')
    await page.getByLabel('name', { exact: true }).selectOption('cosface')
    expect(await text.inputValue()).toContain('name: cosface')

    // Of several together the command.
    await text.fill(config('runs/form', { train: { epochs: 300, batchSize: 8, microBatch: 1 } }))
    await button(page, 'Start the training').click()
    await page
      .getByRole('alert')
      .getByText(/^it must be 2 to 8/)
      .waitFor({ timeout: 60_000 })
    await page.getByRole('textbox', { name: 'microBatch' }).fill('4')
    await button(page, 'Start the training').click()
    await page.waitForURL(/run=runs%2Fform/, { timeout: 60_000 })
    await page.getByText('Running', { exact: true }).waitFor({ timeout: 60_000 })
    await button(page, 'Save and stop').click()
    await page.getByText('Stopped', { exact: true }).waitFor({ timeout: 60_000 })
    expect(readFileSync(join(studio.workspace, 'runs/form/config.yaml'), 'utf8')).toContain(
      'microBatch: 4',
    )
    expect(troubles).toEqual([])
    await page.context().close()
  }, 180_000)

  it('shows the table of an ablation as it grows', async () => {
    const { page, troubles } = await openPage(browser, studio, '/training?new=1')
    const ablation = {
      seeds: [1],
      entries: [
        { label: 'ArcFace', loss: { name: 'arcface', scale: 16 } },
        { label: 'Softmax', loss: { name: 'softmax' } },
      ],
    }
    const train = { epochs: 1, batchSize: 8, threads: 1 }
    await page
      .getByRole('textbox', { name: 'YAML' })
      .fill(config('runs/losses', { train, ablation }))
    await button(page, 'Start the ablation').click()
    await page.waitForURL(/ablation=runs%2Flosses/, { timeout: 60_000 })
    const table = page.getByRole('region', { name: 'Table of the finished trainings' })
    await table.getByRole('cell', { name: 'Softmax' }).first().waitFor({ timeout: 90_000 })
    const written = readFileSync(join(studio.workspace, 'runs/losses/results.json'), 'utf8')
    const { rows, angleNames } = JSON.parse(written)
    const degrees = (180 / Math.PI) * rows[0].angles[angleNames[0]].mean
    expect(await table.first().innerText()).toContain(`${degrees.toFixed(1)}°`)
    expect(troubles).toEqual([])
    await page.context().close()
  }, 180_000)
})
