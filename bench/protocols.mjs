// The protocols at the size of IJB-C and MegaFace beside numpy: 15.6 million pair scores of 20,000 templates
// with their TAR at FAR, and 10,000 probes against a million rows. Time and peak memory, in turns.
// node bench/protocols.mjs [--only pairs|identification] [--pairs 15600000] [--gallery 1000000] [--probes 10000] [--rounds 3]
// PYTHON names the numpy to compare with (default python3).
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cmc, pairScores, scoresOf, search, tarAtFar } from '@arcface/evaluate'
import { onnxMatMul } from '@arcface/recognize'
import { Random } from '@arcface/vision'
import { median, record } from './harness.mjs'

const DIM = 512
const TEMPLATES = 20_000
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '15600000' },
    gallery: { type: 'string', default: '1000000' },
    probes: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})

const [work, folder, size] = positionals
if (work === undefined) main()
else console.log(JSON.stringify(await { pairs, identification }[work](folder, Number(size))))

function main() {
  const folder = mkdtempSync(join(tmpdir(), 'protocols-'))
  try {
    write(folder, Number(values.pairs), Number(values.probes))
    const works = [
      ['pairs', values.pairs, 'tar'],
      ['identification', values.gallery, 'rank1'],
    ]
    const wanted = works.filter(([name]) => (values.only ?? name) === name)
    console.table(wanted.map(([name, size, figure]) => duel(name, folder, size, figure)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function duel(work, folder, size, figure) {
  const here = fileURLToPath(import.meta.url)
  const python = process.env.PYTHON ?? 'python3'
  const peer = fileURLToPath(new URL('peers/protocols.py', import.meta.url))
  const contestants = [
    [process.execPath, here],
    [python, peer],
  ]
  const runs = contestants.map(() => [])
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, [command, file]] of contestants.entries()) {
      const text = execFileSync(command, [file, work, folder, size], { encoding: 'utf8' })
      runs[i].push(JSON.parse(text))
    }
  const [ours, numpy] = runs
  // The same data and the same figure; scores are sums in another order, so one pair in millions may differ.
  if (Math.abs(ours[0][figure] - numpy[0][figure]) > 1e-4)
    throw new Error(`${work}: ${figure} is ${ours[0][figure]}, but numpy says ${numpy[0][figure]}`)
  const [seconds, numpySeconds] = runs.map((all) => median(all.map((one) => one.seconds)))
  const [peak, numpyPeak] = runs.map((all) => Math.max(...all.map((one) => one.peakMiB)))
  const row = {
    numpy: numpy[0].version,
    work,
    size,
    probes: work === 'pairs' ? '' : values.probes,
    seconds: seconds.toFixed(2),
    numpy_seconds: numpySeconds.toFixed(2),
    ratio: (numpySeconds / seconds).toFixed(2),
    peak_mib: peak.toFixed(0),
    numpy_peak_mib: numpyPeak.toFixed(0),
  }
  record('protocols', row)
  return { ...row, [figure]: ours[0][figure] }
}

/** Templates about as alike as those of a trained model are, pairs of them, and probes. */
function write(folder, pairs, probes) {
  const random = new Random(1)
  const noise = Float32Array.from({ length: 1 << 20 }, () => random.normal())
  const put = (name, parts) => {
    const file = openSync(join(folder, name), 'w')
    for (const part of parts)
      writeSync(file, new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    closeSync(file)
  }
  const rowOf = (person) => {
    const row = new Float32Array(DIM)
    const [from, other] = [random.below(noise.length - DIM), (person * 509) % (noise.length - DIM)]
    for (let k = 0; k < DIM; k++) row[k] = noise[other + k] + 1.5 * noise[from + k]
    const length = Math.hypot(...row)
    return row.map((value) => value / length)
  }
  function* rows(count, people) {
    for (let i = 0; i < count; i++) yield rowOf(i % people)
  }
  // Five templates a person: i and i + 4000 are the same.
  const people = TEMPLATES / 5
  put('templates.f32', rows(TEMPLATES, people))
  put('probes.f32', rows(probes, TEMPLATES))
  const a = Int32Array.from({ length: pairs }, () => random.below(TEMPLATES))
  const b = a.map((first, p) =>
    p % 800 === 0 ? (first + people) % TEMPLATES : random.below(TEMPLATES),
  )
  put('a.i32', [a])
  put('b.i32', [b])
  put('same.u8', [Uint8Array.from(a, (first, p) => Number(first % people === b[p] % people))])
}

function read(folder, name, Type, count) {
  const bytes = readFileSync(join(folder, name))
  return new Type(bytes.buffer, bytes.byteOffset, count ?? bytes.length / Type.BYTES_PER_ELEMENT)
}

function measured(seconds, figures) {
  return { seconds, peakMiB: process.resourceUsage().maxRSS / 1024, ...figures }
}

async function pairs(folder, count) {
  const embeddings = read(folder, 'templates.f32', Float32Array)
  const [a, b] = ['a.i32', 'b.i32'].map((name) => read(folder, name, Int32Array, count))
  const same = read(folder, 'same.u8', Uint8Array, count)
  const start = performance.now()
  const matmul = onnxMatMul({ threads: cpus().length })
  const scores = await pairScores({ embeddings, dim: DIM }, a, b, { matmul })
  const { tar } = tarAtFar(scoresOf(scores, same), 1e-4)
  return measured((performance.now() - start) / 1000, { tar })
}

async function identification(folder, rows) {
  const base = read(folder, 'templates.f32', Float32Array)
  const probes = { embeddings: read(folder, 'probes.f32', Float32Array), dim: DIM }
  const count = probes.embeddings.length / DIM
  let making = 0
  // The rows of each next turn are those of the first with their numbers moved along.
  function* gallery() {
    const rowsOfTurn = new Float32Array(base.length)
    for (let turn = 0, first = 0; first < rows; turn++, first += TEMPLATES) {
      const start = performance.now()
      const block = rowsOfTurn.subarray(0, Math.min(TEMPLATES, rows - first) * DIM)
      for (let at = 0; at < block.length; at += DIM) {
        block.set(base.subarray(at + DIM - turn, at + DIM), at)
        block.set(base.subarray(at, at + DIM - turn), at + turn)
      }
      making += performance.now() - start
      yield block
    }
  }
  const start = performance.now()
  const result = await search({
    probes,
    probeOf: Int32Array.from({ length: count }, (_, p) => p),
    gallery: gallery(),
    galleryOf: Int32Array.from({ length: rows }, (_, row) => (row < count ? row : -1)),
    matmul: onnxMatMul({ threads: cpus().length }),
    keep: 10,
  })
  const rank1 = cmc(result)[0]
  return measured((performance.now() - start - making) / 1000, { rank1 })
}
