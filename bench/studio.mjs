// The studio's pages in Chromium where there is much: a gallery of 100,000 people scrolled, a run of 100,000 points panned
// and zoomed, a run watched for 30 minutes at 20 times the speed.
//   npx tsc -b && npm run build -w @arcface/studio && node bench/studio.mjs [people|points|live ...]
// Reported are frames that came later than 50 ms whatever the reason, the longest that the page's thread worked without a
// pause, by the clock and in time of a processor, which other work on the machine does not lengthen, and for the live run the
// JavaScript heap after garbage collection. Results go to results/studio.csv.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { Lock } from '@arcface/files'
import { openGallery } from '@arcface/gallery'
import { openChromium } from '@arcface/testing/chromium'
import { runnerImport } from 'vite'
import { median, record } from './harness.mjs'

const PEOPLE = 100_000
const POINTS = 100_000
const MINUTES = 30
const SPEED = 20
/** Lines a minute of a training that logs four a second: more than the page keeps as they are. */
const LINES = 240

const root = new URL('../packages/studio/', import.meta.url).pathname
const load = async (name) =>
  (await runnerImport(join(root, 'src/testing', name), { root, configFile: false })).module
const { startStudio } = await load('studio.ts')
const { openPage, settled } = await load('page.ts')
const { drawRun, stepLine } = await load('run.ts')

const wait = (ms) => new Promise((done) => setTimeout(done, ms))

const RECORD = `
  globalThis.frames = []
  let last = performance.now()
  const next = (now) => { frames.push(now - last); last = now; requestAnimationFrame(next) }
  requestAnimationFrame(next)`

/** What frames a page shows while it is used. */
async function framesOf(page, use) {
  await page.evaluate(RECORD)
  await wait(300)
  await page.evaluate('frames.length = 0')
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-toplevel'] })
  await use()
  const frames = await page.evaluate('frames')
  const tasks = tasksIn(JSON.parse(String(await browser.stopTracing())).traceEvents)
  return {
    frames: frames.length,
    medianMs: median(frames).toFixed(1),
    lateFrames: frames.filter((ms) => ms > 50).length,
    latestMs: Math.max(...frames).toFixed(0),
    longestTaskMs: (Math.max(...tasks.map(({ dur }) => dur)) / 1000).toFixed(0),
    longestTaskCpuMs: (Math.max(...tasks.map(({ tdur }) => tdur)) / 1000).toFixed(0),
  }
}

/** Of the threads of pages: what they did without a pause, in microseconds of the clock and of a processor. */
function tasksIn(events) {
  const isMain = ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain'
  const mains = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`))
  return events.filter(
    ({ ph, name, pid, tid, tdur }) =>
      ph === 'X' && /RunTask/.test(name) && mains.has(`${pid} ${tid}`) && tdur !== undefined,
  )
}

async function people(browser, studio) {
  await studio.client.POST('/v1/galleries', { body: { name: 'crowd' } })
  const path = join(studio.data, 'galleries/crowd')
  const gallery = await openGallery(path)
  const { dim } = gallery.model
  const from = performance.now()
  for (let first = 0; first < PEOPLE; first += 10_000)
    await gallery.enroll(
      Array.from({ length: 10_000 }, (_, i) => {
        const embedding = Float32Array.from({ length: dim }, (_, k) =>
          Math.sin((first + i + 1) * (k + 1)),
        )
        const norm = Math.hypot(...embedding)
        return { person: `Person ${first + i}`, embedding: embedding.map((x) => x / norm) }
      }),
    )
  await gallery.close()
  console.log(`filled in ${((performance.now() - from) / 1000).toFixed(0)} s`)
  const { page } = await openPage(browser, studio, '/people?gallery=crowd')
  await settled(page)
  const list = page.getByText('Person 0', { exact: true })
  await list.waitFor()
  await list.hover()
  const figures = await framesOf(page, async () => {
    for (let i = 0; i < 300; i++) {
      await page.mouse.wheel(0, i < 200 ? 400 : 40_000)
      await wait(16)
    }
  })
  await page.context().close()
  return figures
}

async function points(browser, studio) {
  drawRun(join(studio.workspace, 'runs/long'), POINTS)
  const { page } = await openPage(browser, studio, '/training?run=runs/long')
  await page.locator('.u-over').first().waitFor()
  await settled(page)
  const { x, y, width, height } = await page.locator('.u-over').first().boundingBox()
  const middle = y + height / 2
  const figures = await framesOf(page, async () => {
    for (let round = 0; round < 4; round++) {
      // The cursor over all charts, then a part, then all again.
      for (let i = 0; i <= 60; i++) {
        await page.mouse.move(x + (width * i) / 60, middle)
        await wait(8)
      }
      await page.mouse.move(x + width * 0.3, middle)
      await page.mouse.down()
      await page.mouse.move(x + width * 0.6, middle, { steps: 20 })
      await page.mouse.up()
      await wait(500)
      await page.mouse.dblclick(x + width / 2, middle)
      await wait(500)
    }
  })
  await page.context().close()
  return figures
}

async function live(browser, studio) {
  const run = join(studio.workspace, 'runs/live')
  mkdirSync(run, { recursive: true })
  const steps = MINUTES * LINES * 10
  drawRun(run, 10)
  const metrics = join(run, 'metrics.jsonl')
  writeFileSync(metrics, '')
  // Who holds it trains.
  const lock = await Lock.take(join(run, '.lock'), { what: 'the run' })
  const { page } = await openPage(browser, studio, '/training?run=runs/live')
  const tools = await page.context().newCDPSession(page)
  const heap = async () => {
    await tools.send('HeapProfiler.collectGarbage')
    return (await tools.send('Runtime.getHeapUsage')).usedSize / 1e6
  }
  const heaps = []
  let step = 0
  const figures = await framesOf(page, async () => {
    for (let minute = 0; minute < MINUTES; minute++) {
      for (let line = 0; line < LINES; line++) {
        step += 10
        appendFileSync(metrics, stepLine(step, steps))
        await wait(60_000 / LINES / SPEED)
      }
      heaps.push(await heap())
    }
  })
  await page.getByText(new Intl.NumberFormat('en').format(step)).first().waitFor()
  lock.release()
  await page.context().close()
  const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length
  console.log(heaps.map((one) => one.toFixed(1)).join(' '))
  return {
    ...figures,
    heapMinute5: mean(heaps.slice(3, 8)).toFixed(1),
    heapMinute15: mean(heaps.slice(13, 18)).toFixed(1),
    heapMinute28: mean(heaps.slice(25)).toFixed(1),
  }
}

const parts = { people, points, live }
const wanted = process.argv.slice(2)
const browser = await openChromium()
const studio = await startStudio()
try {
  for (const [what, measure] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(what)) continue
    const figures = await measure(browser, studio)
    console.log(what, figures)
    record('studio', {
      ...{ chromium: browser.version(), load: loadavg()[0].toFixed(1), what },
      ...{ heapMinute5: '', heapMinute15: '', heapMinute28: '', ...figures },
    })
  }
} finally {
  await browser.close()
  await studio.close()
}
