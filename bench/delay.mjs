// What else a process can do while a gallery looks for duplicates: the event loop's longest delay, beside that of an idle
// process at the same time, which is the machine's own; busy_ms is the longest that the main thread had the processor
// without a turn of the loop (Linux tells). node bench/delay.mjs [--faces 100000] [--threshold 0.4] [--dist DIST]
// Vectors are those of bench/gallery.mjs: 5 faces a person, one of them under another name, so that pairs are found.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { record } from './harness.mjs'
import { DIM, FACES, faceOf, generator } from './vectors.mjs'

const COMMIT = 5000
const milliseconds = (nanoseconds) => Number((nanoseconds / 1e6).toFixed(1))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    faces: { type: 'string', default: '100000' },
    threshold: { type: 'string', default: '0.4' },
    /** The gallery's compiled index.js; another commit's for a comparison. */
    dist: { type: 'string', default: import.meta.resolve('@arcface/gallery') },
  },
})

const [work, folder] = positionals
if (work === 'duplicates') await duplicates(folder)
else if (work === 'idle') await idle()
else await main()

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'delay-bench-'))
  try {
    await fill(folder, Number(values.faces))
    const control = start('idle')
    const busy = await start('duplicates', folder).result
    control.stop()
    const { max_ms, p99_ms } = await control.result
    const row = { faces: Number(values.faces), ...busy, idle_max_ms: max_ms, idle_p99_ms: p99_ms }
    record('delay', row)
    console.table([row])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function start(...work) {
  const given = ['--threshold', values.threshold, '--dist', values.dist]
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...work, ...given], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const result = new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (part) => {
      text += part
    })
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(text))))
  })
  return { result, stop: () => child.stdin.end() }
}

async function fill(folder, size) {
  const { openGallery } = await import('@arcface/gallery')
  const model = { sha256: 'a'.repeat(64), name: 'bench', dim: DIM, preprocessing: null }
  const gallery = await openGallery(join(folder, 'gallery'), { model })
  const noise = generator(77)
  const people = size / FACES
  const rows = new Float32Array(COMMIT * DIM)
  for (let first = 0; first < size; first += COMMIT) {
    const n = Math.min(COMMIT, size - first)
    for (let i = 0; i < n; i++) faceOf((first + i) % people, noise, rows, i * DIM)
    await gallery.enroll(
      Array.from({ length: n }, (_, i) => ({
        person: `${first + i < people ? 'other' : 'person'} ${(first + i) % people}`,
        embedding: rows.slice(i * DIM, (i + 1) * DIM),
      })),
    )
  }
  await gallery.close()
}

async function duplicates(folder) {
  const { openGallery } = await import(values.dist)
  const gallery = await openGallery(join(folder, 'gallery'), {})
  const figures = watch()
  const from = performance.now()
  const found = await gallery.duplicates(Number(values.threshold))
  const seconds = Number(((performance.now() - from) / 1000).toFixed(1))
  console.log(JSON.stringify({ seconds, pairs: found.length, ...figures() }))
  await gallery.close()
}

async function idle() {
  const figures = watch()
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.on('end', resolve))
  console.log(JSON.stringify(figures()))
}

/** Looks at the event loop from now on; what it returns tells what was seen, and ends it. */
function watch() {
  const file = `/proc/self/task/${process.pid}/schedstat`
  const cpu = () => (existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) : 0)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let [last, busy] = [cpu(), 0]
  const look = () => {
    const now = cpu()
    busy = Math.max(busy, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  return () => {
    look()
    clearInterval(timer)
    delay.disable()
    const p99_ms = milliseconds(delay.percentile(99))
    return { max_ms: milliseconds(delay.max), p99_ms, busy_ms: milliseconds(busy) }
  }
}
