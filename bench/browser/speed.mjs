// From image to embedding, ours beside human, warm, in turns: files (decoding counts), ImageBitmaps and ImageData, in a
// page that is isolated (threads) and in one that is not. Beside the median of the rounds stand the fastest of each, and the
// time that all of the browser's processes had on the processors: both say more than the median where others are busy too.
import { openChromium } from '@arcface/testing/chromium'
import { duel, median } from '../harness.mjs'
import { processorTime } from './processor.mjs'
import { serve } from './site.mjs'

const KINDS = ['file', 'bitmap', 'pixels']

export async function speed({ files, names, rounds, version }) {
  const rows = []
  for (const isolated of [true, false]) {
    const site = await serve(files, isolated)
    const browser = await openChromium()
    try {
      const cpu = processorTime(await browser.newBrowserCDPSession())
      const pages = []
      for (const who of ['ours', 'human']) pages.push(await open(browser, site, who))
      for (const kind of KINDS) {
        const contestants = []
        for (const { page } of pages) contestants.push(await prepare(page, cpu, kind, names))
        for (const one of contestants) await one.run(1)
        const seconds = await duel(contestants, { rounds, steps: 1 })
        const perPhoto = (s) => ((1000 * s) / names.length).toFixed(1)
        const [ours, human] = seconds
        const [oursCpu, humanCpu] = contestants.map(({ cpu }) => median(cpu.slice(1)))
        const [oursBest, humanBest] = contestants.map(({ times }) => Math.min(...times.slice(1)))
        const [{ threads }, about] = pages.map(({ opened }) => opened)
        rows.push({
          chromium: browser.version(),
          isolated,
          source: kind,
          photos: names.length,
          found: contestants.map(({ found }) => found).join(' '),
          threads,
          human: `${version} ${Object.entries(about).flat().join(' ')}`,
          ours_ms: perPhoto(ours),
          human_ms: perPhoto(human),
          ratio: (human / ours).toFixed(2),
          ours_best_ms: perPhoto(oursBest),
          human_best_ms: perPhoto(humanBest),
          best_ratio: (humanBest / oursBest).toFixed(2),
          ours_cpu_ms: perPhoto(oursCpu),
          human_cpu_ms: perPhoto(humanCpu),
          cpu_ratio: (humanCpu / oursCpu).toFixed(2),
        })
        console.log(rows.at(-1))
      }
    } finally {
      await browser.close()
      await site.close()
    }
  }
  return rows
}

async function open(browser, site, who) {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => console.error(`${who}: ${error}`))
  await page.goto(`${site.url}${who}/`)
  await page.waitForFunction('globalThis.bench')
  return { page, opened: await page.evaluate('bench.open({})') }
}

async function prepare(page, cpu, kind, names) {
  await page.evaluate(([kind, names]) => bench.prepare(kind, names), [kind, names])
  return {
    cpu: [],
    times: [],
    async run(steps) {
      const before = await cpu()
      const { found, seconds } = await page.evaluate((steps) => bench.run(steps), steps)
      this.cpu.push(((await cpu()) - before) / steps)
      this.times.push(seconds / steps)
      this.found = found / steps
      return seconds / steps
    },
  }
}
