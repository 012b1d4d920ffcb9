// The first embedding of a visit, from when the page is asked for, and what a visit downloads: ours beside human, a new page
// each time, in turns, in a profile that keeps what pages keep. The first visit finds nothing there; before the others the
// page has stayed until the browser has kept the WebAssembly that it compiled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProfile } from '@arcface/testing/chromium'
import { median } from '../harness.mjs'
import { processorTime } from './processor.mjs'
import { serve } from './site.mjs'

const WHO = ['ours', 'human']
/** Milliseconds that a page stays: WebAssembly is compiled once more, optimised, and kept some seconds after. */
const STAY = 6000

export async function first({ files, names, rounds, version }) {
  const rows = []
  for (const isolated of [true, false]) {
    const site = await serve(files, isolated)
    const profile = mkdtempSync(join(tmpdir(), 'first-'))
    const context = await openProfile(profile)
    const cpu = processorTime(await context.browser().newBrowserCDPSession())
    const visit = async (who, stay = 0) => {
      const page = await context.newPage()
      const before = await cpu()
      page.on('pageerror', (error) => console.error(`${who}: ${error}`))
      await page.goto(`${site.url}${who}/?first=${encodeURIComponent(names[0])}`)
      await page.waitForFunction('globalThis.first')
      const seen = await page.evaluate('first')
      const used = (await cpu()) - before
      if (stay > 0) {
        // Until it is worth optimising.
        await page.evaluate(async (name) => {
          await bench.prepare('file', [name])
          await bench.run(10)
        }, names[0])
        await page.waitForTimeout(stay)
      }
      await page.close()
      if (!seen.found) throw new Error(`${who} finds no face in ${names[0]}`)
      return { ms: seen.done, cpu: 1000 * used }
    }
    try {
      const [firsts, bytes] = [[], []]
      for (const who of WHO) {
        const from = site.requests.length
        firsts.push(await visit(who, STAY))
        bytes.push(downloaded(site.requests.slice(from)))
      }
      const visits = WHO.map(() => [])
      const from = site.requests.length
      for (let round = 0; round < rounds; round++)
        for (const [i, who] of WHO.entries()) visits[i].push(await visit(who))
      const [ours, human] = visits.map((of) => median(of.map(({ ms }) => ms)))
      const [oursCpu, humanCpu] = visits.map((of) => median(of.map(({ cpu }) => cpu)))
      rows.push({
        chromium: context.browser()?.version() ?? '',
        isolated,
        human: version,
        visits: rounds,
        first_visit_ms: firsts[0].ms.toFixed(0),
        human_first_visit_ms: firsts[1].ms.toFixed(0),
        ours_ms: ours.toFixed(0),
        human_ms: human.toFixed(0),
        ratio: (ours / human).toFixed(2),
        ours_cpu_ms: oursCpu.toFixed(0),
        human_cpu_ms: humanCpu.toFixed(0),
        cpu_ratio: (oursCpu / humanCpu).toFixed(2),
        bytes: bytes[0].sum,
        human_bytes: bytes[1].sum,
        bytes_again: downloaded(site.requests.slice(from)).sum,
      })
      console.log(rows.at(-1))
      if (isolated)
        for (const [i, who] of WHO.entries()) console.table({ [who]: bytes[i].files }[who])
    } finally {
      await context.close()
      await site.close()
      rmSync(profile, { recursive: true, force: true })
    }
  }
  return rows
}

/** Bytes of bodies as they were sent, without the photograph. */
function downloaded(requests) {
  const files = {}
  for (const { path, bytes } of requests)
    if (!path.startsWith('/photos/')) files[path] = (files[path] ?? 0) + bytes
  return { files, sum: Object.values(files).reduce((sum, one) => sum + one, 0) }
}
