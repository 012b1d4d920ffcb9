// A run whose metrics.jsonl has a gigabyte, as a server reads it: seconds until all of it is known, resident memory, and how
// long other requests wait meanwhile; then how long a part of it takes to be told. Results go to results/server-metrics.csv.
// node bench/server-metrics.mjs [--bytes 1e9]
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { drawnModels } from '@arcface/testing'
import { serverProcess } from '../packages/server/dist/testing/process.js'
import { record } from './harness.mjs'

const { values } = parseArgs({ options: { bytes: { type: 'string', default: '1e9' } } })
const folder = mkdtempSync(join(tmpdir(), 'server-metrics-'))
const data = join(folder, 'data')

const phases = ['data', 'forward', 'head', 'backward', 'optimizer', 'communication']
/** As a training writes it. */
const line = (step) =>
  `${JSON.stringify({
    ...{
      step,
      epoch: Math.floor(step / 1e5),
      loss: 10 / (1 + step / 1e5) + Math.random(),
      lr: 0.1,
    },
    ...{ marginShare: 1, gradNorm: Math.random(), headGradNorm: Math.random() },
    ...{ targetAngle: Math.random(), otherAngle: 1 + Math.random(), imagesPerSecond: 400 },
    seconds: Object.fromEntries(phases.map((name) => [name, Math.random()])),
    memory: 1234567890,
  })}\n`

/** @returns how many lines it has */
function write(path, bytes) {
  const file = openSync(path, 'w')
  let lines = 0
  for (let written = 0; written < bytes; ) {
    const some = Array.from({ length: 5000 }, () => line(10 * ++lines))
    written += writeSync(file, some.join(''))
  }
  closeSync(file)
  return lines
}

const residentMB = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
const at = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1)

const run = join(data, 'workspace/run')
mkdirSync(join(run, 'checkpoints'), { recursive: true })
writeFileSync(join(run, 'config.yaml'), 'seed: 1\n')
const lines = write(join(run, 'metrics.jsonl'), Number(values.bytes))
const server = await serverProcess({ port: 0, data, log: 'error', ...drawnModels(folder) })
try {
  const ask = async (query = '') => {
    const from = performance.now()
    const answer = await fetch(`${server.url}/v1/runs/metrics?run=run${query}`)
    return { ...(await answer.json()), ms: performance.now() - from }
  }
  await fetch(`${server.url}/v1/runs`)
  const before = residentMB(server.pid)
  const waits = []
  let [most, isReading] = [before, true]
  const waiting = (async () => {
    while (isReading) {
      const from = performance.now()
      await (await fetch(`${server.url}/health`)).text()
      waits.push(performance.now() - from)
      most = Math.max(most, residentMB(server.pid))
      await setTimeout(10)
    }
  })()
  const from = performance.now()
  let whole = await ask()
  const first = whole.ms
  while (whole.offset < whole.bytes) whole = await ask()
  const seconds = (performance.now() - from) / 1000
  isReading = false
  await waiting
  if (whole.total !== lines || whole.torn > 0) throw new Error(`${whole.total} of ${lines} lines`)
  waits.sort((a, b) => a - b)
  const again = (await ask()).ms
  const part = (await ask('&from=1000000&to=1200000')).ms
  record('server-metrics', {
    load: loadavg()[0].toFixed(1),
    ...{ megabytes: (whole.bytes / 1e6).toFixed(0), lines, seconds: seconds.toFixed(1) },
    firstAnswerMs: first.toFixed(0),
    ...{ residentMB: before.toFixed(0), mostMB: most.toFixed(0) },
    ...{ healthMedianMs: at(waits, 0.5), health99Ms: at(waits, 0.99), healthMostMs: at(waits, 1) },
    ...{ wholeMs: again.toFixed(0), partMs: part.toFixed(0) },
  })
} finally {
  await server.kill()
  rmSync(folder, { recursive: true })
}
