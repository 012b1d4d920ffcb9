// Photographs a second from file to embedding (detect, align, embed the largest face): our Recognizer beside OpenCV's
// FaceDetectorYN with alignCrop's template and the same embedder on ONNX Runtime's Python, and beside @vladmandic/human on
// WebAssembly. And aligned faces a second: our Embedder beside a bare session of onnxruntime-node. The peer wasm is ours
// with that backend, for both. All take turns.
// The peer checkout is ours of another commit, in the folder CHECKOUT, compiled; `pack` is the whole default pack.
// Peers with our embedder are given the file as it is, and once more ("without denormals") as our Embedder reads it.
// node bench/recognize.mjs --photos DIR --detector yunet.onnx --embedder fr_feature.onnx [--rounds 5] [--peers opencv,human,bare,wasm,checkout]
// PYTHON names the python3 that has cv2 (4.8 or newer reads this YuNet) and onnxruntime. human is installed from npm in a
// temporary folder, or found in HUMAN, a folder with node_modules.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readModel } from '@arcface/data/onnx'
import { openEmbedder, Recognizer } from '@arcface/recognize'
import { IMAGE_BYTES } from '@arcface/vision'
import { withoutTinyWeights } from '../packages/onnx/dist/edit/tiny.js'
import { duel, record, serve, start } from './harness.mjs'

const COUNT = 40
/** Steps a turn: an embedder alone is so fast that a turn would be no longer than ONNX Runtime's threads spin after one. */
const STEPS = { photos: 1, pack: 1, aligned: 5 }
const HUMAN = [
  '@vladmandic/human@3.3.6',
  '@tensorflow/tfjs-core@4.22.0',
  '@tensorflow/tfjs-converter@4.22.0',
]
const WASM = '@tensorflow/tfjs-backend-wasm@4.22.0'
const text = { type: 'string' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: text,
    detector: text,
    embedder: text,
    rounds: { ...text, default: '5' },
    peers: { ...text, default: 'opencv,human,bare,wasm' },
    backend: { ...text, default: 'node' },
  },
})
const { photos, detector, embedder, backend } = values
const preprocessing = { colorOrder: 'BGR', mean: 127.5, std: 127.5 }
const files = readdirSync(photos, { recursive: true })
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
  .slice(0, COUNT)
  .map((name) => join(photos, name))
const same = ['--photos', photos, '--detector', detector, '--embedder', embedder]
const here = (name) => fileURLToPath(new URL(name, import.meta.url))

if (positionals[0] === 'photos' || positionals[0] === 'pack') {
  const own = positionals[0] === 'photos' && { model: embedder, detector, preprocessing }
  const recognizer = await Recognizer.open({ ...own, backend })
  const step = () => Promise.all(files.map((path) => recognizer.embed(path, { faces: 'largest' })))
  const found = (await step()).filter((faces) => faces.length > 0).length
  await serve({ found }, step)
  await recognizer.close()
} else if (positionals[0] === 'aligned') {
  const model = await openEmbedder(embedder, { preprocessing, backend })
  const images = Uint8Array.from({ length: COUNT * IMAGE_BYTES }, (_, i) => (i * 31) % 256)
  await serve({}, () => model.embed(images, COUNT))
  await model.close()
} else await main()

async function main() {
  const peers = values.peers.split(',')
  const folder = mkdtempSync(join(tmpdir(), 'recognize-bench-'))
  try {
    const list = join(folder, 'photos.txt')
    writeFileSync(list, files.map((file) => `${file}\n`).join(''))
    const python = process.env.PYTHON ?? 'python3'
    const clean = join(folder, 'clean.onnx')
    const changed = withoutTinyWeights(await readModel(embedder))
    if (changed) writeFileSync(clean, changed)
    else copyFileSync(embedder, clean)
    const opencv = (model) => [python, here('peers/recognize.py'), list, detector, model]
    const bare = (model) => [process.execPath, here('peers/embed.mjs'), model, `${COUNT}`]
    const ours = (work) => [
      process.execPath,
      here('recognize.mjs'),
      work,
      ...same,
      '--backend',
      'wasm',
    ]
    const cases = {
      opencv: [
        ['photos', 'as it is', () => opencv(embedder)],
        ['photos', 'without denormals', () => opencv(clean)],
      ],
      human: [
        [
          'photos',
          'its own',
          () => [process.execPath, here('peers/human.mjs'), list, install(folder)],
        ],
      ],
      bare: [
        ['aligned', 'as it is', () => bare(embedder)],
        ['aligned', 'without denormals', () => bare(clean)],
      ],
      wasm: [
        ['photos', 'as ours', () => ours('photos')],
        ['aligned', 'as ours', () => ours('aligned')],
      ],
      checkout: ['photos', 'pack', 'aligned'].map((work) => [
        work,
        'as ours',
        () => [process.execPath, join(process.env.CHECKOUT, 'bench/recognize.mjs'), work, ...same],
      ]),
    }
    for (const peer of peers)
      for (const [ours, weights, command] of cases[peer])
        await compare(peer, ours, weights, command())
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function install(folder) {
  if (process.env.HUMAN) return process.env.HUMAN
  writeFileSync(join(folder, 'package.json'), '{}')
  execFileSync('npm', ['install', '--ignore-scripts', '--silent', ...HUMAN, WASM], { cwd: folder })
  return folder
}

async function compare(peer, work, weights, [command, ...args]) {
  const contestants = [
    await start(process.execPath, [here('recognize.mjs'), work, ...same]),
    await start(command, args),
  ]
  for (const one of contestants) await one.run(1)
  const seconds = await duel(contestants, {
    rounds: Number(values.rounds),
    steps: STEPS[work],
  })
  for (const one of contestants) one.stop()
  const [ours, theirs] = seconds.map((s) => COUNT / s)
  const { ready: _, ...about } = contestants[1].hello
  const row = {
    work,
    peer,
    about: Object.entries({ ...about, weights })
      .map(([name, value]) => `${name} ${value}`)
      .join(' '),
    images: files.length,
    ours_per_s: ours.toFixed(1),
    peer_per_s: theirs.toFixed(1),
    ratio: (ours / theirs).toFixed(2),
  }
  record('recognize', row)
  console.log(row)
}
