// Frames a second before Chromium's fake camera, 640 x 480 and 30 a second, with one and with five faces that move, by
// FaceCamera: each frame is looked at, what comes meanwhile is dropped. And memory while it looks at 2,000 frames.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openChromium } from '@arcface/testing/chromium'
import { buildCamera, serve } from './site.mjs'
import { writeVideo } from './video.mjs'

/** Frames before it is measured: the code is compiled, the tracks are embedded. */
const WARM = 60
const EVERY = 100

export async function camera({ files, people, folder, frames: count }) {
  const all = { ...files, 'camera/': await buildCamera() }
  const rows = []
  for (const faces of [1, 5]) {
    const video = join(folder, `${faces}.mjpeg`)
    await writeVideo(video, people.slice(0, faces))
    for (const isolated of [false, true])
      rows.push(await watch({ files: all, video, faces, isolated, frames: 150 }))
  }
  const video = join(folder, '1.mjpeg')
  // Isolated, for only then does a page learn its memory; of one thread, as most pages have.
  rows.push(await watch({ files: all, video, faces: 1, isolated: true, threads: 1, frames: count }))
  return rows
}

async function watch({ files, video, faces, isolated, threads, frames }) {
  const site = await serve(files, isolated)
  const browser = await openChromium({
    args: [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
      '--enable-blink-features=ForceEagerMeasureMemory',
    ],
  })
  try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(`${site.url}camera/`)
    await page.waitForFunction('globalThis.bench')
    const runtime = await page.evaluate((threads) => bench.open(threads), threads)
    const reach = async (frames) => {
      await page.waitForFunction((n) => seen.frames >= n, frames, { timeout: 0, polling: 50 })
      return { ...(await page.evaluate('seen')), at: performance.now() }
    }
    const from = await reach(WARM)
    const samples = []
    if (threads !== undefined)
      for (let at = WARM; at < WARM + frames; at += EVERY) {
        await reach(at)
        samples.push(await memoryOf(browser, page))
      }
    const to = await reach(WARM + frames)
    const seconds = (to.at - from.at) / 1000
    const looked = to.frames - from.frames
    const row = {
      chromium: browser.version(),
      isolated,
      threads: runtime.threads,
      faces,
      frames: looked,
      faces_a_frame: ((to.faces - from.faces) / looked).toFixed(2),
      tracks: to.tracks,
      embedded: to.embedded,
      frames_per_s: (looked / seconds).toFixed(1),
      ms_a_frame: ((to.took - from.took) / looked).toFixed(1),
      dropped: to.dropped - from.dropped,
      ...memoryFigures(samples),
    }
    console.log(row)
    return row
  } finally {
    await browser.close()
    await site.close()
  }
}

/** What the page says of itself, and what the system counts of its process, MB. */
async function memoryOf(browser, page) {
  const session = await browser.newBrowserCDPSession()
  const bytes = await page.evaluate('bench.memory()')
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) =>
      Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]),
    )
  return { page: bytes / 1e6, process: Math.max(...sizes) / 1e3 }
}

/** The means of the second and of the last quarter of the samples. */
function memoryFigures(samples) {
  const mean = (kind, from, to) => {
    const part = samples.slice(from * samples.length, to * samples.length)
    return part.length === 0
      ? ''
      : (part.reduce((sum, one) => sum + one[kind], 0) / part.length).toFixed(1)
  }
  if (samples.length > 0) console.table(samples.map(({ page, process }) => ({ page, process })))
  return {
    page_mb: mean('page', 0.25, 0.5),
    page_mb_end: mean('page', 0.75, 1),
    process_mb: mean('process', 0.25, 0.5),
    process_mb_end: mean('process', 0.75, 1),
  }
}
