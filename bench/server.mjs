// A server under load, by a client of ours on the same machine, which takes part of its processors:
//   throughput  photographs a second through HTTP beside the bare Recognizer, in turns
//   latency     at 80 % of that capacity, requests at even times and at random ones (Poisson): p50, p99
//   overload    at 5 times capacity: answers of 200 a second, refusals, memory, requests without an answer
//   identify    among 100,000 faces, at 200 requests a second of one embedding each
//   memory      100,000 requests: resident memory after each tenth
//   loris       1,000 connections that send half a header, and requests beside them
//   start       seconds from the start of the process to ready, beside node -e ''
// node bench/server.mjs --photos DIR [--only throughput,latency,...] [--model M] [--detector D] [--seconds 20]
// Rows go to bench/results/server.csv.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { galleryModel, openGallery } from '@arcface/gallery'
import { Recognizer } from '@arcface/recognize'
import autocannon from 'autocannon'
import { median, record } from './harness.mjs'

const COUNT = 40
const ROUNDS = 5
const TIMES = 5
const COMMIT = 10_000
const ALL = ['throughput', 'latency', 'overload', 'identify', 'memory', 'loris', 'start']
const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    photos: text,
    only: { ...text, default: ALL.join() },
    model: text,
    detector: text,
    seconds: { ...text, default: '20' },
    faces: { ...text, default: '100000' },
    requests: { ...text, default: '100000' },
  },
})
const seconds = Number(values.seconds)
const photos = readdirSync(values.photos, { recursive: true })
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
  .slice(0, COUNT)
  .map((name) => readFileSync(join(values.photos, name)))
const cli = fileURLToPath(new URL('../packages/cli/bin/arcface.js', import.meta.url))
const models = ['model', 'detector'].filter((key) => values[key])
const folder = mkdtempSync(join(tmpdir(), 'server-bench-'))
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function startServer() {
  const set = [`data=${folder}`, 'port=0', 'log=warn', 'metrics=open']
  const options = [
    ...set.flatMap((one) => ['--set', one]),
    ...models.flatMap((key) => [`--${key}`, values[key]]),
  ]
  const child = spawn(process.execPath, [cli, 'serve', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(JSON.parse(line).url))
    child.once('exit', () => reject(new Error('the server has ended')))
  })
  return {
    url,
    /** Seconds of processors that it has had. */
    cpu: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`))[1]) / 1024,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
  }
}

/** A request to its end. @returns status 0 where there was no answer */
function ask(url, body, type = 'image/jpeg', timeout = 30_000) {
  const from = performance.now()
  return new Promise((resolve) => {
    const done = (status, content = '') => {
      const at = performance.now()
      resolve({ status, content, at, ms: at - from })
    }
    const headers = body ? { 'content-type': type, 'content-length': body.length } : {}
    const method = body ? 'POST' : 'GET'
    const one = httpRequest(url, { method, agent, headers, timeout }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.once('end', () => done(answer.statusCode, Buffer.concat(chunks).toString()))
      answer.once('error', () => done(0))
    })
    one.once('timeout', () => one.destroy(new Error('time-out')))
    one.once('error', () => done(0))
    one.end(body)
  })
}

/** Requests at their times, whatever becomes of those before. @param gap seconds to the next */
async function openLoop(gap, one) {
  const answers = []
  const from = performance.now()
  for (let at = 0, i = 0; at < seconds; at += gap(), i++) {
    const wait = from + at * 1000 - performance.now()
    if (wait > 0) await sleep(wait)
    answers.push(one(i))
  }
  const found = await Promise.all(answers)
  // At first nothing waits, and at the end nothing comes.
  const [first, last] = [from + 250 * seconds, from + 1000 * seconds]
  const inTime = found.filter(({ status, at }) => status === 200 && at >= first && at < last)
  return { found, perSecond: inTime.length / (0.75 * seconds) }
}

/** So many at once, each followed by the next. */
async function closedLoop(atOnce, count, one) {
  let next = 0
  const answers = []
  const lane = async () => {
    for (let i = next++; i < count; i = next++) answers.push(await one(i))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return answers
}

const quantile = (times, q) => times[Math.min(times.length - 1, Math.floor(times.length * q))]
const okTimes = (answers) =>
  answers
    .filter(({ status }) => status === 200)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b)
const count = (answers, status) => answers.filter((one) => one.status === status).length
const round = (value, digits = 1) => Number(value.toFixed(digits))
const embedPhoto = (url, i) => ask(`${url}/v1/embed?faces=largest`, photos[i % photos.length])

function row(work, what, figures, verdict) {
  const line = { work, what, ...figures }
  console.log(
    Object.entries(line)
      .map(([key, value]) => `${key} ${value}`)
      .join('  '),
  )
  record('server', {
    work,
    what,
    per_s: '',
    p50_ms: '',
    p99_ms: '',
    refused: '',
    unanswered: '',
    rss_mb: '',
    seconds: '',
    ratio: '',
    ...figures,
    promised: verdict,
  })
}

async function throughput(server) {
  const options = Object.fromEntries(models.map((key) => [key, values[key]]))
  const recognizer = await Recognizer.open(options)
  const bare = () =>
    Promise.all(photos.map((photo) => recognizer.embed(photo, { faces: 'largest' })))
  const http = () => closedLoop(16, photos.length, (i) => embedPhoto(server.url, i))
  const rates = { bare: [], http: [] }
  const perCpu = { bare: [], http: [] }
  const ownCpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  for (let i = 0; i <= ROUNDS; i++)
    for (const [name, step, cpu] of [
      ['bare', bare, ownCpu],
      ['http', http, server.cpu],
    ]) {
      const [from, before] = [performance.now(), cpu()]
      await step()
      if (i === 0) continue
      rates[name].push((photos.length * 1000) / (performance.now() - from))
      perCpu[name].push(photos.length / (cpu() - before))
    }
  await recognizer.close()
  // Without what the client takes, which has the same processors.
  const [alone, served] = [median(perCpu.bare), median(perCpu.http)]
  console.log(
    `photographs of a second of a processor: bare ${round(alone)}, the server ${round(served)}, ratio ${round(served / alone, 3)}`,
  )
  const [own, through] = [median(rates.bare), median(rates.http)]
  row('throughput', 'bare Recognizer', { per_s: round(own) })
  row(
    'throughput',
    'HTTP, 16 at once',
    { per_s: round(through), ratio: round(through / own, 3) },
    '>= 0.9',
  )
  await capacityByAutocannon(server)
}

async function capacityByAutocannon(server) {
  const found = await autocannon({
    url: `${server.url}/v1/embed?faces=largest`,
    ...{ method: 'POST', connections: 8, duration: seconds / 2 },
    requests: photos.map((body) => ({ body, headers: { 'content-type': 'image/jpeg' } })),
  })
  row('throughput', 'autocannon, 8 at once', { per_s: round(found.requests.average) })
}

/** Answers a second of as many clients as keep it busy, and of a second of its processors. */
async function capacityOf(server) {
  await closedLoop(8, photos.length, (i) => embedPhoto(server.url, i))
  const [from, cpu] = [performance.now(), server.cpu()]
  const answers = await closedLoop(8, 4 * photos.length, (i) => embedPhoto(server.url, i))
  const done = count(answers, 200)
  return {
    capacity: done / ((performance.now() - from) / 1000),
    perCpuSecond: done / (server.cpu() - cpu),
  }
}

async function latency(server) {
  const { capacity } = await capacityOf(server)
  const gap = 1 / (0.8 * capacity)
  const gaps = { even: () => gap, poisson: () => -Math.log(1 - Math.random()) * gap }
  for (const [name, next] of Object.entries(gaps)) {
    const { found } = await openLoop(next, (i) => embedPhoto(server.url, i))
    const times = okTimes(found)
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)]
    const figures = { p50_ms: round(p50), p99_ms: round(p99), ratio: round(p99 / p50, 2) }
    const others = { refused: count(found, 503), unanswered: count(found, 0) }
    row('latency', `80 % of ${round(capacity)}/s, ${name}`, { ...figures, ...others }, '< 3')
  }
}

async function overload(server) {
  const { capacity, perCpuSecond } = await capacityOf(server)
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, server.rss())
  }, 100)
  const gap = 1 / (TIMES * capacity)
  const [cpu, own] = [server.cpu(), process.cpuUsage()]
  const { found, perSecond } = await openLoop(
    () => gap,
    (i) => embedPhoto(server.url, i),
  )
  clearInterval(watch)
  const { user, system } = process.cpuUsage(own)
  const perCpu = count(found, 200) / (server.cpu() - cpu)
  console.log(
    `the server had ${round((server.cpu() - cpu) / seconds, 2)} processors, this client ${round((user + system) / 1e6 / seconds, 2)};` +
      ` answers of a second of the server's processors: ${round(perCpu)}, alone ${round(perCpuSecond)}, ratio ${round(perCpu / perCpuSecond, 3)}`,
  )
  const times = okTimes(found)
  row(
    'overload',
    `${TIMES} x ${round(capacity)}/s`,
    {
      ...{ per_s: round(perSecond), ratio: round(perSecond / capacity, 3), rss_mb: round(most, 0) },
      ...{ p50_ms: round(quantile(times, 0.5)), p99_ms: round(quantile(times, 0.99)) },
      ...{ refused: count(found, 503), unanswered: count(found, 0) },
    },
    '>= 0.9',
  )
}

/** Random faces, one a person. */
async function fill(size) {
  const recognizer = await Recognizer.open(
    Object.fromEntries(models.map((key) => [key, values[key]])),
  )
  const { dim } = recognizer.model
  const gallery = await openGallery(join(folder, 'galleries/bench'), {
    model: galleryModel(recognizer),
  })
  await recognizer.close()
  for (let at = 0; at < size; at += COMMIT)
    await gallery.enroll(
      Array.from({ length: Math.min(COMMIT, size - at) }, (_, i) => ({
        person: `p${at + i}`,
        embedding: randomFace(dim),
      })),
    )
  await gallery.close()
  return dim
}

function randomFace(dim) {
  const row = Float32Array.from(
    { length: dim },
    () => Math.random() + Math.random() + Math.random() - 1.5,
  )
  const norm = Math.hypot(...row)
  return row.map((value) => value / norm)
}

async function identify(server, dim) {
  const url = `${server.url}/v1/galleries/bench/search?threshold=0.4`
  const bodies = Array.from({ length: 200 }, () =>
    Buffer.from(JSON.stringify({ embeddings: [Array.from(randomFace(dim))] })),
  )
  const search = (i) => ask(url, bodies[i % bodies.length], 'application/json')
  // The second search fills the memory.
  for (let i = 0; i < 10; i++) await search(i)
  for (const rate of [10, 200]) {
    const { found, perSecond } = await openLoop(() => 1 / rate, search)
    const times = okTimes(found)
    row(
      'identify',
      `${values.faces} faces, ${rate}/s`,
      {
        ...{ per_s: round(perSecond), rss_mb: round(server.rss(), 0) },
        ...{ p50_ms: round(quantile(times, 0.5)), p99_ms: round(quantile(times, 0.99)) },
        ...{ refused: count(found, 503), unanswered: count(found, 0) },
      },
      rate === 200 ? '200/s' : '',
    )
  }
}

async function memory(server) {
  const [requests, some] = [Number(values.requests), Math.min(3000, Number(values.requests) / 10)]
  await closedLoop(8, some, (i) => embedPhoto(server.url, i))
  row('memory', `${some} photographs`, { rss_mb: round(server.rss(), 0) })
  const sizes = []
  for (let i = 0; i < 10; i++) {
    const answers = await closedLoop(32, requests / 10, () => ask(`${server.url}/v1/model`))
    sizes.push(server.rss())
    row('memory', `${((i + 1) * requests) / 10} small`, {
      rss_mb: round(sizes.at(-1), 0),
      unanswered: answers.length - count(answers, 200),
    })
  }
  await closedLoop(8, some, (i) => embedPhoto(server.url, i))
  const ratio = server.rss() / sizes[0]
  row(
    'memory',
    `${some} photographs more`,
    { rss_mb: round(server.rss(), 0), ratio: round(ratio, 3) },
    'flat',
  )
}

async function loris(server) {
  const { port } = new URL(server.url)
  await capacityOf(server)
  for (const connections of [0, 1000]) {
    const sockets = Array.from({ length: connections }, () => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write('POST /v1/embed HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
      return socket
    })
    const answers = await closedLoop(2, 2 * photos.length, (i) => embedPhoto(server.url, i))
    const times = okTimes(answers)
    const open = sockets.filter(({ readyState }) => readyState === 'open').length
    row(
      'loris',
      `${connections} connections, ${open} open at the end`,
      {
        ...{ p50_ms: round(quantile(times, 0.5)), p99_ms: round(quantile(times, 0.99)) },
        ...{ refused: count(answers, 503), unanswered: count(answers, 0) },
      },
      connections > 0 ? 'others are served' : '',
    )
    for (const socket of sockets) socket.destroy()
  }
}

async function start() {
  const times = { node: [], server: [] }
  for (let i = 0; i < ROUNDS; i++) {
    let from = performance.now()
    spawnSync(process.execPath, ['-e', ''])
    times.node.push((performance.now() - from) / 1000)
    from = performance.now()
    const server = await startServer()
    while ((await ask(`${server.url}/ready`)).status !== 200) await sleep(5)
    times.server.push((performance.now() - from) / 1000)
    await server.stop()
  }
  row('start', "node -e ''", { seconds: round(median(times.node), 3) })
  row('start', 'to ready', { seconds: round(median(times.server), 3) })
}

const works = { throughput, latency, overload, memory, loris }
try {
  for (const work of values.only.split(',')) {
    if (work === 'start') {
      await start()
      continue
    }
    const dim = work === 'identify' ? await fill(Number(values.faces)) : 0
    const server = await startServer()
    try {
      await (work === 'identify' ? identify(server, dim) : works[work](server))
    } finally {
      await server.stop()
    }
  }
} finally {
  agent.destroy()
  rmSync(folder, { recursive: true })
}
