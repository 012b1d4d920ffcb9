// Ours and a peer, each a process that answers `run N` with {"seconds": s}, take turns in one run: what the
// machine does besides hits both. Reported are ratios of medians; single times mean little on a shared machine.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { csvLine } from '@arcface/evaluate/report'

/** Starts a process that speaks the protocol; resolves when it is ready. */
export async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${command} ${args.join(' ')} ended before it answered`)
    return JSON.parse(value)
  }
  const hello = await next()
  return {
    hello,
    async run(steps) {
      child.stdin.write(`run ${steps}\n`)
      return (await next()).seconds / steps
    },
    stop: () => child.stdin.end('quit\n'),
  }
}

/** Median seconds a step of each contestant, taken in turns. */
export async function duel(contestants, { rounds, steps }) {
  const times = contestants.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, one] of contestants.entries()) times[i].push(await one.run(steps))
  return times.map(median)
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** Answers the protocol from this process: `step` runs once, or returns a promise. */
export async function serve(hello, step) {
  process.stdout.write(`${JSON.stringify({ ready: true, ...hello })}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, count] = line.split(' ')
    if (word !== 'run') return
    const from = performance.now()
    for (let i = 0; i < Number(count); i++) await step()
    process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - from) / 1000 })}\n`)
  }
}

/** Appends a row to bench/results/<name>.csv with the hardware and versions that it was measured on. */
export function record(name, row) {
  const full = {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0].model,
    cores: cpus().length,
    node: process.version,
    ...row,
  }
  const folder = new URL('results/', import.meta.url)
  const file = new URL(`${name}.csv`, folder)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(file)) writeFileSync(file, csvLine(Object.keys(full)))
  appendFileSync(file, csvLine(Object.values(full)))
}
