// A plain gallery and an encrypted one of the same faces, in turns: enrolment of many and of one, the first search (which
// fills the memory), a search, a deletion, size on disk; and whether any byte of who was deleted is in a file after it.
// node bench/gallery-encrypted.mjs [--faces 100000] [--singles 30] [--searches 200]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openGallery } from '@arcface/gallery'
import { median, record } from './harness.mjs'
import { DIM, FACES, faceOf, generator } from './vectors.mjs'

const COMMIT = 1000
const { values } = parseArgs({
  options: {
    faces: { type: 'string', default: '100000' },
    singles: { type: 'string', default: '30' },
    searches: { type: 'string', default: '200' },
  },
})
const total = Number(values.faces)
const model = { sha256: 'a'.repeat(64), name: 'bench', dim: DIM, preprocessing: null }
const room = mkdtempSync(join(tmpdir(), 'gallery-bench-'))
const file = join(room, 'key')
writeFileSync(file, randomBytes(32))
const kinds = { plain: {}, encrypted: { key: { file } } }
const noise = generator(77)

function faceAt(i, person = `person ${Math.floor(i / FACES)}`) {
  const embedding = new Float32Array(DIM)
  faceOf(Math.floor(i / FACES), noise, embedding, 0)
  return { person, embedding, source: `photo ${i}.jpg`, photo: i.toString(16).padStart(64, '0') }
}

/** Of the clock, and of all threads of the process: on a busy machine the second says more. */
const measured = async (work) => {
  const [from, used] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(used)
  return { ms: performance.now() - from, cpu: (user + system) / 1000 }
}

const galleries = []
for (const [kind, options] of Object.entries(kinds))
  galleries.push({
    kind,
    folder: join(room, kind),
    gallery: await openGallery(join(room, kind), { model, ...options, exactFaces: 2 * total }),
    times: { bulk: [], known: [], new: [], fill: [], search: [], delete: [] },
  })

/** Each in turn, the one that begins changes. */
let turn = 0
async function each(name, work) {
  const order = turn++ % 2 === 0 ? galleries : [...galleries].reverse()
  for (const one of order) one.times[name].push(await measured(() => work(one)))
}

try {
  for (let i = 0; i < total; i += COMMIT) {
    const faces = Array.from({ length: Math.min(COMMIT, total - i) }, (_, k) => faceAt(i + k))
    await each('bulk', ({ gallery }) => gallery.enroll(faces))
  }
  for (const { gallery } of galleries) await gallery.tidy()
  for (let i = 0; i < Number(values.singles); i++) {
    const [known, other] = [faceAt(total + i, `person ${i}`), faceAt(2 * total + i, `new ${i}`)]
    await each('known', ({ gallery }) => gallery.enroll([known]))
    await each('new', ({ gallery }) => gallery.enroll([other]))
  }
  // The first of a plain one reads the disk; both hold all in memory behind the second.
  await each('fill', ({ gallery }) =>
    gallery.identifyMany([faceAt(1).embedding, faceAt(2).embedding]),
  )
  for (let i = 0; i < Number(values.searches); i++) {
    const { embedding } = faceAt((i * 7919) % total)
    await each('search', ({ gallery }) => gallery.identify(embedding))
  }
  const gone = { ...faceAt(3 * total, 'Somebody Who Is Deleted'), thumbnail: randomBytes(3000) }
  for (const { gallery } of galleries) await gallery.enroll([gone])
  await each('delete', ({ gallery }) => gallery.delete([gone.person]))
  const secrets = [gone.person, gone.photo, gone.source, gone.thumbnail, gone.embedding].map(
    (one) =>
      typeof one === 'string'
        ? Buffer.from(one)
        : Buffer.from(one.buffer, one.byteOffset, one.byteLength),
  )
  const rows = galleries.map(({ kind, folder, times }) => {
    const files = readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const found = files.filter((path) => {
      const bytes = readFileSync(path)
      return secrets.some((one) => bytes.includes(one))
    })
    const of = (name) => {
      const [ms, cpu] = ['ms', 'cpu'].map((unit) => median(times[name].map((one) => one[unit])))
      return { [`${name}_ms`]: Number(ms.toFixed(2)), [`${name}_cpu`]: Number(cpu.toFixed(2)) }
    }
    const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
    const measures = Object.assign({}, ...Object.keys(times).map(of))
    const left = found.length
    return {
      kind,
      faces: total,
      ...measures,
      disk_mb: Math.round(bytes / 1e6),
      files_with_deleted: left,
    }
  })
  console.table(rows)
  for (const row of rows) record('gallery-encrypted', row)
} finally {
  for (const { gallery } of galleries) await gallery.close()
  rmSync(room, { recursive: true })
}
