// Kills a bulk enrolment at a random moment, again and again: the gallery must open, hold every face that was
// acknowledged, and the same call must finish the work. Fails with exit code 1 otherwise.
// node bench/gallery-kill.mjs [--kills 20] [--faces 20000] [--batch 32] [--dim 512]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openGallery } from '@arcface/gallery'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    faces: { type: 'string', default: '20000' },
    batch: { type: 'string', default: '32' },
    dim: { type: 'string', default: '512' },
  },
})
const writer = fileURLToPath(
  new URL('../packages/gallery/dist/testing/gallery-writer.js', import.meta.url),
)
const folder = mkdtempSync(join(tmpdir(), 'gallery-kill-'))
const path = join(folder, 'gallery')
const safe = new Set()

/** Enrols until the end, or until it is killed so many milliseconds after its first commit. */
function enroll(killAfter) {
  const { faces, batch, dim } = values
  const child = spawn(process.execPath, [writer, path, 'face', faces, batch, dim], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.once('data', () => {
    if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter)
  })
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((done) =>
    child.on('close', (code, signal) => {
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      for (const source of whole.split(/\s+/).filter(Boolean)) safe.add(source)
      done(signal ?? code)
    }),
  )
}

async function lost() {
  const gallery = await openGallery(path)
  const there = await gallery.sources()
  const { faces } = await gallery.stats()
  await gallery.close()
  if (faces !== there.size) console.log(`${faces - there.size} faces are there twice`)
  return [...safe].filter((source) => !there.has(source)).length + (faces - there.size)
}

try {
  let failures = 0
  for (let i = 0; i < Number(values.kills); i++) {
    const after = Math.round(Math.random() * 400)
    const end = await enroll(after)
    const missing = await lost()
    failures += missing
    console.log(
      `kill ${i + 1} after ${after} ms (${end}): ${safe.size} acknowledged, ${missing} lost`,
    )
  }
  const end = await enroll()
  failures += (await lost()) + Number(end !== 0) + Number(safe.size < Number(values.faces) * 0.99)
  console.log(`finished (${end}), ${failures === 0 ? 'nothing lost' : `${failures} FAILURES`}`)
  process.exitCode = failures === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
