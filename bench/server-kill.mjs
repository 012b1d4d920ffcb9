// Kills a server at a random moment while clients enrol over HTTP, again and again: after each start every answer of 2xx
// must be there, no request half there, and a repeated request must add what is missing once. Exit code 1 otherwise.
// node bench/server-kill.mjs [--kills 20] [--clients 6] [--seconds 3]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkGallery } from '@arcface/gallery'
import { connect } from '@arcface/server/client'
import { face, randomDetector, randomEmbedder } from '@arcface/testing'
import { noisePhoto } from '../packages/server/dist/testing/server.js'
import { record } from './harness.mjs'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    clients: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '3' },
  },
})
const arcface = fileURLToPath(new URL('../packages/cli/bin/arcface.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'server-kill-'))
const data = join(folder, 'data')
const gallery = 'people'
for (const [name, bytes] of [
  ['embedder.onnx', randomEmbedder()],
  ['detector.onnx', randomDetector()],
])
  writeFileSync(join(folder, name), bytes)

/** Starts it as its users do; resolves when it listens. */
async function serve() {
  const from = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...[arcface, 'serve', '--json', '--port', '0', '--set', `data=${data}`, '--set', 'log=error'],
      ...['--model', join(folder, 'embedder.onnx'), '--detector', join(folder, 'detector.onnx')],
      ...['--set', 'quality=false'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const closed = new Promise((done) => child.on('close', done))
  const url = await new Promise((done, fail) => {
    child.stdout.once('data', (line) => done(JSON.parse(line).url))
    closed.then(() => fail(new Error('the server ended before it listened')))
  })
  const kill = () => {
    child.kill('SIGKILL')
    return closed
  }
  return { client: connect({ url }), kill, seconds: (performance.now() - from) / 1000 }
}

/** One to four faces of a new person in one request, by photographs or by embeddings; `number` decides which. */
async function enroll(client, { number, person, count }) {
  const params = { path: { gallery, person }, header: { 'idempotency-key': person } }
  const seeds = Array.from({ length: count }, (_, i) => 10 * number + i)
  if (number % 2 === 0) {
    const embeddings = seeds.map((seed) => Array.from(face(128, seed)))
    const body = { embeddings }
    return client.POST('/v1/galleries/{gallery}/people/{person}/embeddings', { params, body })
  }
  const files = seeds.map(async (seed) => new File([await noisePhoto(seed)], `${seed}.png`))
  const body = { photo: await Promise.all(files) }
  return client.POST('/v1/galleries/{gallery}/people/{person}/faces', { params, body })
}

/** The ids of a person's faces; `undefined`: nobody of this name is there. */
async function facesOf(client, person) {
  const { data: found } = await client.GET('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: { gallery, person }, query: { limit: 1000 } },
  })
  return found?.faces.map(({ id }) => id)
}

const requests = []
const failures = []
const [starts, faceless] = [[], []]
let unanswered = 0

/** Enrols with several clients until it is killed. */
async function load({ client, kill }, after) {
  let running = true
  const begun = requests.length
  const work = async () => {
    while (running) {
      const number = requests.length
      const request = { number, person: `person ${number}`, count: 1 + (number % 4) }
      requests.push(request)
      const answer = await enroll(client, request).catch(() => undefined)
      if (answer?.data) request.ids = answer.data.faces.map(({ id }) => id)
      else if (answer && running)
        failures.push(`${request.person}: ${answer.response.status} ${answer.error?.code}`)
    }
  }
  const workers = Array.from({ length: Number(values.clients) }, work)
  while (!requests.slice(begun).some(({ ids }) => ids))
    await new Promise((done) => setTimeout(done, 5))
  await new Promise((done) => setTimeout(done, after))
  running = false
  await kill()
  await Promise.all(workers)
  return requests.slice(begun)
}

/** All that was ever acknowledged is there; of what was not, all or nothing, and after a repetition all, once. */
async function check({ client }, lately) {
  for (const { person, ids, count } of requests) {
    const there = await facesOf(client, person)
    const isAll =
      there?.length === count && (ids === undefined || ids.every((id) => there.includes(id)))
    if (ids !== undefined && !isAll)
      failures.push(`${person} was acknowledged, and is not all there`)
    if (ids === undefined && there?.length && there.length !== count)
      failures.push(`${person}: ${there.length} of ${count} faces`)
    if (there?.length === 0) faceless.push(person)
  }
  for (const request of lately.filter(({ ids }) => ids === undefined)) {
    unanswered++
    const { data: answer, error } = await enroll(client, request)
    request.ids = answer?.faces.map(({ id }) => id)
    const there = await facesOf(client, request.person)
    if (there?.length !== request.count)
      failures.push(
        `${request.person}, repeated: ${there?.length} of ${request.count} (${error?.code})`,
      )
  }
}

try {
  let server = await serve()
  await server.client.POST('/v1/galleries', { body: { name: gallery } })
  for (let i = 0; i < Number(values.kills); i++) {
    const after = Math.round(Math.random() * Number(values.seconds) * 1000)
    const lately = await load(server, after)
    const answered = lately.filter(({ ids }) => ids).length
    server = await serve()
    starts.push(server.seconds)
    await check(server, lately)
    console.log(
      `kill ${i + 1}, ${after} ms after the first answer: ${answered} of ${lately.length} answered, ${failures.length} failures`,
    )
  }
  const { data: stats } = await server.client.GET('/v1/galleries/{gallery}', {
    params: { path: { gallery } },
  })
  await server.kill()
  if (!(await checkGallery(join(data, 'galleries', gallery))).ok) failures.push('it is damaged')
  const faces = requests.reduce((sum, { count }) => sum + count, 0)
  if (stats.faces !== faces || stats.people !== requests.length)
    failures.push(
      `${stats.people} people and ${stats.faces} faces of ${requests.length} and ${faces}`,
    )
  for (const failure of failures.slice(0, 20)) console.log(failure)
  record('server-kill', {
    kills: values.kills,
    clients: values.clients,
    requests: requests.length,
    faces,
    unanswered,
    failures: failures.length,
    faceless: faceless.length,
    slowest_start_s: Math.max(...starts).toFixed(2),
  })
  process.exitCode = failures.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
