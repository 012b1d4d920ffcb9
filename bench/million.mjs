// A million people through the trainer: its time a step and its memory, with a checkpoint beside the steps, one at the
// end, and a resumption. One small image a person, a small network: what is looked at is the centres, 4 GB with their
// momentum. node bench/million.mjs [people] [fp32 | bf16]; needs 14 GB of disk below the system's folder for
// temporary files.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces, writeRecords } from '@arcface/data'
import { torchVersion } from '@arcface/libtorch'
import { checkConfig, resume, train } from '@arcface/train'
import { median, record } from './harness.mjs'

const [steps, every] = [6, 3]

/** One face under a million names. */
async function makeData(folder, people) {
  await synthesizeFaces(join(folder, 'faces'), { people: 1, imagesPerPerson: 1, seed: 1 })
  const [name] = execFileSync('find', [join(folder, 'faces'), '-type', 'f'], { encoding: 'utf8' })
    .trim()
    .split('\n')
  const image = { name, bytes: readFileSync(name) }
  const all = Array.from({ length: people }, (_, i) => ({ name: `person-${i}`, images: [image] }))
  writeRecords(join(folder, 'train.rec'), all)
}

/** Peak of the resident memory since the last call, in MB. */
function peak() {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
  writeFileSync('/proc/self/clear_refs', '5')
  return Math.round(Number(kilobytes) / 1024)
}

/** Runs in a process of its own: from step 0, or on from the checkpoint. */
async function work(folder, precision, how) {
  const output = join(folder, 'run')
  const stop = new AbortController()
  const from = performance.now()
  const found = { start_s: 0, start_mb: 0, step_ms: [], steps_mb: 0, saving_mb: 0 }
  let last = 0
  const until = how === 'train' ? steps : 2 * steps
  const events = {
    signal: stop.signal,
    onStep({ step }) {
      const now = performance.now()
      // The first step makes the momentum.
      if (found.start_s === 0) {
        found.start_s = (now - from) / 1000
        found.start_mb = peak()
      } else found.step_ms.push(now - last)
      if (step % steps < every) found.steps_mb = Math.max(found.steps_mb, peak())
      last = now
      if (step === until) stop.abort()
    },
  }
  const config = checkConfig({
    data: { roots: [join(folder, 'train.rec')] },
    model: { backbone: 'r10-small' },
    train: { epochs: 1, batchSize: 128, precision, threads: 2 },
    checkpoint: { every, keep: 1 },
    output,
  })
  const result = how === 'train' ? await train(config, events) : await resume(output, events)
  found.saving_mb = peak()
  found.step_ms = Math.round(median(found.step_ms))
  process.stdout.write(
    JSON.stringify({ ...found, end_s: (performance.now() - last) / 1000, ...result }),
  )
}

const [first = '1000000', precision = 'fp32', how] = process.argv.slice(2)
if (how) await work(first, precision, how)
else {
  const folder = mkdtempSync(join(tmpdir(), 'million-'))
  try {
    const people = Number(first)
    await makeData(folder, people)
    const run = (how) => {
      const args = [fileURLToPath(import.meta.url), folder, precision, how]
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    }
    for (const how of ['train', 'resume']) {
      const { start_s, start_mb, step_ms, steps_mb, saving_mb, end_s } = run(how)
      const row = {
        how,
        people,
        precision,
        batch: 128,
        start_s: start_s.toFixed(1),
        start_mb,
        step_ms,
        steps_mb,
        saving_mb,
        end_s: end_s.toFixed(1),
      }
      record('million', { libtorch: torchVersion, threads: 2, ...row })
      console.log(row)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
