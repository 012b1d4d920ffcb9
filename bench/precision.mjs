// What float16 and int8 cost and bring: `exportModel` in both, and onnxruntime.quantization's quantize_static on the same
// faces, beside the float32 file: size, cosine to float32, accuracy, the cosine at FAR 1e-2, and images a second of bare
// sessions of onnxruntime-node, which take turns.
// node bench/precision.mjs MODEL --calibrate DIR --images DIR [--pairs FILE] [--rounds 5] [--name NAME] [--imagenet]
// PYTHON names the python3 that has onnx and onnxruntime. --imagenet: RGB / 255 with ImageNet's mean and std.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { decodeImage, openPairs } from '@arcface/data'
import { thresholdForFar } from '@arcface/evaluate'
import { embedFiles, evaluateVerification, samplePairs } from '@arcface/evaluate/run'
import { exportModel, openEmbedder, photosIn } from '@arcface/recognize'
import { duel, record, start } from './harness.mjs'

const text = { type: 'string' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calibrate: text,
    images: text,
    pairs: text,
    name: text,
    rounds: { ...text, default: '5' },
    imagenet: { type: 'boolean', default: false },
  },
})
const [model] = positionals
const { calibrate, images, pairs, imagenet, name = basename(model, '.onnx') } = values
const preprocessing = imagenet
  ? { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  : undefined
const COUNT = 16
const list = pairs && openPairs(pairs, images)
const tested = list
  ? list.images
  : photosIn(images)
      .slice(0, 64)
      .map((file) => join(images, file))
const folder = mkdtempSync(join(tmpdir(), 'precision-bench-'))
const at = (file) => join(folder, file)
try {
  const common = { preprocessing, minCosine: 0 }
  await exportModel(model, at('fp32.onnx'), { preprocessing })
  for (const precision of ['fp16', 'int8'])
    await exportModel(model, at(`${precision}.onnx`), {
      ...common,
      precision,
      calibrate: [calibrate],
    })
  const all = photosIn(calibrate)
  const some = Array.from({ length: 100 }, (_, i) => all[Math.floor((i * all.length) / 100)])
  const decoded = await Promise.all(some.map((file) => decodeImage(join(calibrate, file))))
  writeFileSync(at('faces'), Buffer.concat(decoded))
  const versions = execFileSync(
    process.env.PYTHON ?? 'python3',
    [
      fileURLToPath(new URL('peers/quantize.py', import.meta.url)),
      ...['fp32.onnx', 'faces', 'peer.onnx'].map(at),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const kinds = ['fp32', 'fp16', 'int8', 'peer'].filter((kind) =>
    readdirSync(folder).includes(`${kind}.onnx`),
  )
  const figures = []
  for (const kind of kinds) figures.push(await measure(kind))
  const contestants = []
  for (const kind of kinds)
    contestants.push(
      await start(process.execPath, [
        fileURLToPath(new URL('peers/embed.mjs', import.meta.url)),
        at(`${kind}.onnx`),
        `${COUNT}`,
      ]),
    )
  const seconds = await duel(contestants, { rounds: Number(values.rounds), steps: 1 })
  for (const one of contestants) one.stop()
  const peer = Object.entries(JSON.parse(versions.trim().split('\n').at(-1)))
  kinds.forEach((kind, i) => {
    const cosines = figures[i].rows.map((row, k) => dot(row, figures[0].rows[k]))
    const row = {
      model: name,
      file: kind === 'peer' ? `quantize_static ${peer.flat().join(' ')}` : kind,
      megabytes: (statSync(at(`${kind}.onnx`)).size / 1e6).toFixed(2),
      cosine_mean: (cosines.reduce((sum, one) => sum + one) / cosines.length).toFixed(5),
      cosine_min: Math.min(...cosines).toFixed(5),
      accuracy: list ? (100 * figures[i].accuracy).toFixed(2) : '',
      threshold_far_1e2: list ? figures[i].threshold.toFixed(4) : '',
      images_per_s: (COUNT / seconds[i]).toFixed(1),
      times_fp32: (seconds[0] / seconds[i]).toFixed(2),
    }
    record('precision', row)
    console.log(row)
  })
} finally {
  rmSync(folder, { recursive: true })
}

/** Embeds each image once; without pairs only some, for the cosine. */
async function measure(kind) {
  const ours = kind === 'peer' ? { preprocessing: { mean: 0, std: 1 } } : {}
  const embedder = await openEmbedder(at(`${kind}.onnx`), ours)
  const { dim } = embedder
  const found = await embedFiles(tested, (faces, n) => embedder.features(faces, n), false, {})
  await embedder.close()
  const rows = tested.map((_, i) => unit(found.plain.subarray(i * dim, (i + 1) * dim)))
  if (!list) return { rows }
  const again = () => {
    let done = 0
    return async (_, n) => {
      done += n
      return found.plain.slice((done - n) * dim, done * dim)
    }
  }
  const { accuracy } = await evaluateVerification(list, again())
  const sample = await samplePairs(list, again())
  const { threshold } = thresholdForFar(sample, 1e-2, { replicates: 100 })
  return { accuracy, threshold, rows }
}

function unit(row) {
  const length = Math.hypot(...row)
  return row.map((value) => value / length)
}

function dot(a, b) {
  return a.reduce((sum, value, k) => sum + value * b[k], 0)
}
