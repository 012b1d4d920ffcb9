// The gallery beside FAISS (flat and HNSW) on the same 512-d vectors: rate of enrolment, time of a search, whether the
// person found is the one that comparing with every face finds, memory, disk. And memory over many identify calls.
// node bench/gallery.mjs [--embeddings real.npy] [--sizes 10000,100000,1000000] [--exact 100000] [--queries 1000] [--hnsw 100000] [--calls 100000]
// Memory is filled by the second search, which fill_ms is the time of; many_ms is the time of each of 32 probes at once.
// PYTHON names the Python with faiss (Debian: python3-faiss). FAISS builds no HNSW above --hnsw faces: it takes long.
//
// Vectors: 5 faces a person, each at cosine 0.77 to a centre, so at 0.6 to each other; queries alike. A centre is an
// embedding of --embeddings (a .npy of `arcface embed`, 512-d) at cosine 0.7, and noise; without --embeddings it is noise.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openGallery } from '@arcface/gallery'
import { onnxMatMul } from '@arcface/recognize'
import { GROUP } from '@arcface/vision'
import { median, record } from './harness.mjs'
import { DIM, FACES, faceOf, generator, read, write } from './vectors.mjs'

const COMMIT = 5000
const MANY = 32
const model = { sha256: 'a'.repeat(64), name: 'bench', dim: DIM, preprocessing: null }
const megabytes = (bytes) => Math.round(bytes / 1e6)
const round = (value, digits) => Number(value.toFixed(digits))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    embeddings: { type: 'string' },
    exact: { type: 'string', default: '100000' },
    sizes: { type: 'string', default: '10000,100000,1000000' },
    queries: { type: 'string', default: '1000' },
    hnsw: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '100000' },
  },
})

const [work, folder, size, exactFaces] = positionals
if (work === undefined) await main()
else
  console.log(
    JSON.stringify(await { search, calls }[work](folder, Number(size), Number(exactFaces))),
  )

async function main() {
  const rows = []
  for (const size of values.sizes.split(',').map(Number)) {
    const folder = mkdtempSync(join(tmpdir(), 'gallery-bench-'))
    try {
      write(folder, size, Number(values.queries), values.embeddings)
      await exact(folder, size)
      const ours = run(
        process.execPath,
        fileURLToPath(import.meta.url),
        'search',
        folder,
        size,
        values.exact,
      )
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
    const product = await matmul.product([read(faces, first, n)], DIM)
    const out = new Float32Array(block * n)
    for (let q = 0; q < padded; q += block) {
      await product.times(rows.subarray(q * DIM, (q + block) * DIM), block, [out])
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

async function search(folder, size, exactFaces) {
  const people = size / FACES
  const gallery = await openGallery(join(folder, 'gallery'), { model, exactFaces })
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
  const fill = times[1]
  const many = []
  for (let q = 0; q + MANY <= queries; q += MANY) {
    const probes = Array.from({ length: MANY }, (_, i) =>
      rows.subarray((q + i) * DIM, (q + i + 1) * DIM),
    )
    const start = performance.now()
    await gallery.identifyMany(probes)
    many.push((performance.now() - start) / MANY)
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
    many_ms: round(median(many), 3),
    fill_ms: round(fill, 0),
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
    for (let i = 0; i < 1000; i++) faceOf(i % 200, noise, rows, i * DIM)
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
