// The gallery beside FAISS (flat and HNSW) on the same 512-d vectors: rate of enrolment, time of a search, whether the
// person found is the one that comparing with every face finds, memory, disk. And memory over many identify calls.
// node bench/gallery.mjs [--sizes 10000,100000,1000000] [--queries 1000] [--hnsw 100000] [--calls 100000]
// PYTHON names the Python with faiss (Debian: python3-faiss). FAISS builds no HNSW above --hnsw faces: it takes long.
//
// Vectors: 5 faces a person, each at cosine 0.77 to a random centre, so at 0.6 to each other; queries alike.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GROUP } from '@arcface/evaluate'
import { onnxMatMul, openGallery } from '@arcface/recognize'
import { median, record } from './harness.mjs'

const DIM = 512
const FACES = 5
const COMMIT = 5000
const COSINE = Math.sqrt(0.6)
const model = { sha256: 'a'.repeat(64), name: 'bench', dim: DIM, preprocessing: null }
const megabytes = (bytes) => Math.round(bytes / 1e6)
const round = (value, digits) => Number(value.toFixed(digits))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    queries: { type: 'string', default: '1000' },
    hnsw: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '100000' },
  },
})

const [work, folder, size] = positionals
if (work === undefined) await main()
else console.log(JSON.stringify(await { search, calls }[work](folder, Number(size))))

async function main() {
  const rows = []
  for (const size of values.sizes.split(',').map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), 'gallery-bench-'))
    try {
      write(folder, size, Number(values.queries))
      await exact(folder, size)
      const ours = run(process.execPath, fileURLToPath(import.meta.url), 'search', folder, size)
      rows.push({ work: 'search', engine: 'gallery', faces: size, ...ours })
      for (const index of size > Number(values.hnsw) ? ['flat'] : ['flat', 'hnsw']) {
        const peer = fileURLToPath(new URL('peers/search.py', import.meta.url))
        const { faiss, ...figures } = run(
          process.env.PYTHON ?? 'python3',
          peer,
          index,
          folder,
          size,
        )
        rows.push({ work: 'search', engine: `faiss ${faiss} ${index}`, faces: size, ...figures })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
    for (const row of rows.filter(({ faces }) => faces === size)) record('gallery', row)
  }
  if (Number(values.calls) > 0) {
    const memory = run(process.execPath, fileURLToPath(import.meta.url), 'calls', '', values.calls)
    console.table(memory)
  }
  console.table(rows)
}

function run(command, file, ...args) {
  const given = [file, ...args.map(String)]
  return JSON.parse(execFileSync(command, given, { encoding: 'utf8' }).trim().split('\n').at(-1))
}

/** Vectors that look alike in every run: a small generator of our own, near-normal by four uniforms. */
function generator(seed) {
  let state = seed >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return (out, at) => {
    let sum = 0
    for (let k = 0; k < DIM; k++) {
      const value = next() + next() + next() + next() - 2
      out[at + k] = value
      sum += value * value
    }
    const scale = 1 / Math.sqrt(sum)
    for (let k = 0; k < DIM; k++) out[at + k] *= scale
  }
}

/** A face of a person: the centre and noise, at the cosine wanted. */
function face(person, noise, out, at) {
  const center = new Float32Array(DIM)
  generator(person * 2654435761 + 12345)(center, 0)
  noise(out, at)
  let sum = 0
  for (let k = 0; k < DIM; k++) {
    out[at + k] = COSINE * center[k] + Math.sqrt(1 - COSINE ** 2) * out[at + k]
    sum += out[at + k] ** 2
  }
  for (let k = 0; k < DIM; k++) out[at + k] /= Math.sqrt(sum)
}

function write(folder, size, queries) {
  const noise = generator(77)
  const people = size / FACES
  for (const [name, count, personOf] of [
    ['faces', size, (i) => i % people],
    ['queries', queries, (i) => (i * 7919) % people],
  ]) {
    const file = openSync(join(folder, name), 'w')
    const block = new Float32Array(COMMIT * DIM)
    for (let first = 0; first < count; first += COMMIT) {
      const n = Math.min(COMMIT, count - first)
      for (let i = 0; i < n; i++) face(personOf(first + i), noise, block, i * DIM)
      writeSync(file, new Uint8Array(block.buffer, 0, n * DIM * 4))
    }
    closeSync(file)
  }
}

function read(file, first, count) {
  const rows = new Float32Array(count * DIM)
  readSync(file, new Uint8Array(rows.buffer), 0, rows.byteLength, first * DIM * 4)
  return rows
}

/** The most similar face of each query, by comparing with every face. */
async function exact(folder, size) {
  const queries = Math.floor(statSync(join(folder, 'queries')).size / DIM / 4)
  const block = 4 * GROUP
  const padded = Math.ceil(queries / block) * block
  const rows = new Float32Array(padded * DIM)
  const file = openSync(join(folder, 'queries'))
  rows.set(read(file, 0, queries))
  closeSync(file)
  const best = new Float32Array(padded).fill(-2)
  const truth = new Int32Array(padded)
  const faces = openSync(join(folder, 'faces'))
  const matmul = onnxMatMul()
  for (let first = 0; first < size; first += COMMIT) {
    const n = Math.min(COMMIT, size - first)
    const product = await matmul([read(faces, first, n)], DIM)
    const out = new Float32Array(block * n)
    const tops = new Float32Array((block / GROUP) * n)
    for (let q = 0; q < padded; q += block) {
      await product.times(rows.subarray(q * DIM, (q + block) * DIM), block, [out], [tops])
      for (let a = 0; a < block; a++)
        for (let b = 0; b < n; b++)
          if (out[a * n + b] > best[q + a]) {
            best[q + a] = out[a * n + b]
            truth[q + a] = first + b
          }
    }
    await product.release()
  }
  closeSync(faces)
  const file2 = openSync(join(folder, 'truth'), 'w')
  writeSync(file2, new Uint8Array(truth.buffer, 0, queries * 4))
  closeSync(file2)
}

async function search(folder, size) {
  const people = size / FACES
  const gallery = await openGallery(join(folder, 'gallery'), { model })
  const faces = openSync(join(folder, 'faces'))
  const from = performance.now()
  for (let first = 0; first < size; first += COMMIT) {
    const n = Math.min(COMMIT, size - first)
    const rows = read(faces, first, n)
    await gallery.enroll(
      Array.from({ length: n }, (_, i) => ({
        person: `person ${(first + i) % people}`,
        embedding: rows.subarray(i * DIM, (i + 1) * DIM),
      })),
    )
  }
  const seconds = (performance.now() - from) / 1000
  closeSync(faces)
  const queries = statSync(join(folder, 'queries')).size / DIM / 4
  const file = openSync(join(folder, 'queries'))
  const rows = read(file, 0, queries)
  closeSync(file)
  const truth = new Int32Array(queries)
  const truths = openSync(join(folder, 'truth'))
  readSync(truths, new Uint8Array(truth.buffer))
  closeSync(truths)
  const times = []
  let found = 0
  for (let q = 0; q < queries; q++) {
    const start = performance.now()
    const { matches } = await gallery.identify(rows.subarray(q * DIM, (q + 1) * DIM))
    times.push(performance.now() - start)
    if (matches[0]?.name === `person ${truth[q] % people}`) found++
  }
  const { bytes, search: how } = await gallery.stats()
  const rss = process.memoryUsage().rss
  const before = performance.now()
  await gallery.delete(['person 7'])
  const deletion = (performance.now() - before) / 1000
  await gallery.close()
  times.sort((a, b) => a - b)
  return {
    how,
    enrol_per_s: Math.round(size / seconds),
    p50_ms: round(median(times), 2),
    p99_ms: round(times[Math.floor(times.length * 0.99)], 2),
    recall: found / queries,
    memory_mb: megabytes(rss),
    disk_mb: megabytes(bytes),
    delete_s: round(deletion, 1),
  }
}

/** Resident memory while one process identifies again and again, and another gallery's faces come and go. */
async function calls(_, count) {
  const folder = mkdtempSync(join(tmpdir(), 'gallery-calls-'))
  try {
    const gallery = await openGallery(join(folder, 'gallery'), { model })
    const noise = generator(5)
    const rows = new Float32Array(1000 * DIM)
    for (let i = 0; i < 1000; i++) face(i % 200, noise, rows, i * DIM)
    const row = (i) => rows.subarray(i * DIM, (i + 1) * DIM)
    await gallery.enroll(
      Array.from({ length: 1000 }, (_, i) => ({ person: `p${i % 200}`, embedding: row(i) })),
    )
    const memory = []
    for (let i = 0; i <= count; i++) {
      if (i % (count / 10) === 0) {
        globalThis.gc?.()
        memory.push({ calls: i, rss_mb: megabytes(process.memoryUsage().rss) })
      }
      await gallery.identify(row(i % 1000), { top: 3 })
    }
    await gallery.close()
    return memory
  } finally {
    rmSync(folder, { recursive: true })
  }
}
