// Two thousand steps of the whole trainer after a thousand others, with verification and checkpoints: does its resident
// memory grow, with or without JavaScript's heap, whose size goes up and down; does it leave anything open?
// node bench/memory.mjs [backbone] [steps]
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { synthesizeFaces, synthesizeVerification } from '@arcface/data'
import { liveTensors, torchVersion } from '@arcface/libtorch'
import { checkConfig, train } from '@arcface/train'
import { record } from './harness.mjs'

const [backbone = 'mobilefacenet', steps = '3000'] = process.argv.slice(2)
const [people, imagesPerPerson, batchSize] = [40, 20, 8]
const every = 200 // steps between checkpoints
const warm = 1000 // steps until all that stays is there: threads, arenas of their allocator, compiled code

/** Slope a step of a line through the means of 100 steps (neighbours are not independent), and its standard error. */
function growth(values) {
  const mean = (some) => some.reduce((sum, one) => sum + one, 0) / some.length
  const points = Array.from({ length: Math.floor(values.length / 100) }, (_, block) => [
    100 * block,
    mean(values.slice(100 * block, 100 * block + 100)),
  ])
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  const slope = points.reduce((sum, [at, found]) => sum + (at - x) * (found - y), 0) / spread
  const rest = points.reduce((sum, [at, found]) => sum + (found - y - slope * (at - x)) ** 2, 0)
  return { slope, error: Math.sqrt(rest / (points.length - 2) / spread) }
}

/** Files and sockets, threads, whatever keeps Node alive, tensors. */
async function open() {
  await setTimeout(1000)
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    resources: process.getActiveResourcesInfo().filter((one) => one !== 'PipeWrap').length,
    tensors: liveTensors(),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'memory-'))
try {
  const [faces, strangers, pairs] = ['faces', 'strangers', 'pairs.txt'].map((one) =>
    join(folder, one),
  )
  await synthesizeFaces(faces, { people, imagesPerPerson, seed: 1 })
  await synthesizeVerification(strangers, pairs, { people: 20, imagesPerPerson: 2, seed: 2 })
  const config = (output, epochs) =>
    checkConfig({
      data: { roots: [faces] },
      model: { backbone },
      loss: { scale: 32 },
      train: { epochs, batchSize },
      verify: { every, sets: [{ name: 'pairs', pairs, images: strangers }] },
      checkpoint: { every },
      output: join(folder, output),
    })
  await train(config('first', 1)) // thread pools are made once and stay
  const before = await open()
  const found = []
  const epochs = Math.ceil(Number(steps) / ((people * imagesPerPerson) / batchSize))
  await train(config('run', epochs), {
    onStep: ({ step, memory }) =>
      found.push({ step, all: memory / 1024, heap: process.memoryUsage().heapTotal / 1024 }),
  })
  const after = await open()
  const late = found.filter(({ step }) => step > warm)
  const whole = growth(late.map(({ all }) => all))
  const native = growth(late.map(({ all, heap }) => all - heap))
  const kinds = Object.keys(before)
  const row = {
    libtorch: torchVersion,
    backbone,
    batch: batchSize,
    steps: found.length,
    resident_mb: Math.round(late.at(-1).all / 1024),
    kb_per_step: whole.slope.toFixed(3),
    standard_error: whole.error.toFixed(3),
    native_kb_per_step: native.slope.toFixed(3),
    native_standard_error: native.error.toFixed(3),
    ...Object.fromEntries(kinds.map((kind) => [`${kind}_left`, after[kind] - before[kind]])),
  }
  record('memory', row)
  console.log(row)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
