// How long it takes a server to refuse a key, by the reason: unknown, wrong, of another server, expired, revoked. Requests
// of all kinds take turns in a new order each round; one that is taken stands beside them. Beside the time of the clock stands
// that of the processor, which other work on the machine hardly changes.
//   node bench/server-keys.mjs [--rounds 100]
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { KeyFile } from '../packages/server/dist/index.js'
import { testServer } from '../packages/server/dist/testing/server.js'
import { median, record } from './harness.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '100' } } })
const rounds = Number(values.rounds)
const folder = mkdtempSync(join(tmpdir(), 'server-keys-'))
const file = new KeyFile(join(folder, 'keys.json'))
const other = new KeyFile(join(folder, 'others.json'))
const make = async (of, expires) => (await of.create({ name: 'x', scopes: ['read'], expires })).text
const taken = await make(file)
const expired = await make(file, new Date(Date.now() + 1000))
const revoked = await make(file)
await file.revoke(revoked.slice(0, 8))
const foreign = await make(other)
await setTimeout(1500)

const kinds = {
  unknown: () => randomUUID(),
  wrong: () => taken.slice(0, 9) + randomUUID().slice(9),
  foreign: () => foreign,
  expired: () => expired,
  revoked: () => revoked,
  taken: () => taken,
}
const server = await testServer({ data: folder, rates: { guesses: 1e9 } })
const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, { clock: [], cpu: [] }]))
for (let round = -3; round < rounds; round++) {
  const order = Object.keys(kinds).sort(() => Math.random() - 0.5)
  for (const kind of order) {
    const headers = { 'x-api-key': kinds[kind]() }
    const cpuFrom = process.cpuUsage()
    const from = performance.now()
    const answer = await fetch(`${server.url}/v1/galleries`, { headers })
    const ms = performance.now() - from
    await answer.arrayBuffer()
    if ((answer.status === 200) !== (kind === 'taken')) throw new Error(`${kind}: ${answer.status}`)
    const { user, system } = process.cpuUsage(cpuFrom)
    if (round < 0) continue
    times[kind].clock.push(ms)
    times[kind].cpu.push((user + system) / 1000)
  }
}
await server.close()
rmSync(folder, { recursive: true })

/** The difference of two medians, 95 % by resampling. */
function between(a, b) {
  const draw = (list) => list.map(() => list[Math.floor(Math.random() * list.length)])
  const found = Array.from({ length: 2000 }, () => median(draw(a)) - median(draw(b)))
  found.sort((x, y) => x - y)
  return [found[50], found[1949]]
}
const quartiles = (list) => {
  const sorted = [...list].sort((a, b) => a - b)
  return [0.25, 0.5, 0.75].map((share) =>
    sorted[Math.floor(share * (sorted.length - 1))].toFixed(2),
  )
}
for (const [kind, { clock, cpu }] of Object.entries(times)) {
  const [low, high] = between(cpu, times.unknown.cpu)
  const row = {
    ...{ kind, rounds, clock_ms: quartiles(clock).join(' '), cpu_ms: quartiles(cpu).join(' ') },
    cpu_minus_unknown_ms: `${low.toFixed(2)} ${high.toFixed(2)}`,
  }
  record('server-keys', row)
  console.log(row)
}
