// A step of fine-tuning an embedder's ONNX, ours beside PyTorch's: node bench/finetune.mjs [FILE.onnx ...]
// PYTHON names a python3 with torch, numpy and onnx.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { duel, record, serve, start } from './harness.mjs'

const [batch, classes, threads] = [32, 289, 2]
const self = fileURLToPath(import.meta.url)

async function worker(weights) {
  const { keepMemory, manualSeed, setNumThreads, torchVersion } = await import('@arcface/libtorch')
  const { buildTraining, checkConfig, trainStep } = await import('@arcface/train')
  const config = checkConfig({
    data: { roots: ['-'] },
    model: { backbone: weights, preprocessing: { mean: 127.5, std: 127.5 } },
    loss: { scale: 32 },
    optimizer: { lr: 0.01, backboneLr: 0.001 },
    train: { batchSize: batch, threads },
  })
  keepMemory()
  setNumThreads(threads)
  manualSeed(1)
  const training = buildTraining(config, classes)
  const batches = Array.from({ length: 4 }, () => ({
    images: Uint8Array.from({ length: batch * 112 * 112 * 3 }, () => Math.random() * 256),
    labels: Int32Array.from({ length: batch }, () => Math.random() * classes),
  }))
  let count = 0
  const step = () => {
    const { images, labels } = batches[count++ % batches.length]
    trainStep(config, training, { images, labels, step: 500, steps: 1000 })
  }
  step()
  await serve({ torch: torchVersion }, step)
}

async function compare(model) {
  const script = fileURLToPath(new URL('peers/finetune.py', import.meta.url))
  const peerOf = (format) =>
    start(
      process.env.PYTHON ?? 'python3',
      [
        script,
        ...['--model', model, '--batch', batch, '--threads', threads],
        ...['--classes', classes, '--memory-format', format],
      ].map(String),
    )
  const ours = await start(process.execPath, [self, '--worker', model])
  const nhwc = await peerOf('nhwc')
  const nchw = await peerOf('nchw')
  const times = await duel([ours, nhwc, nchw], { rounds: 5, steps: 1 })
  for (const one of [ours, nhwc, nchw]) one.stop()
  const [mine, theirsNhwc, theirsNchw] = times
  const row = {
    model: basename(model),
    batch,
    classes,
    threads,
    libtorch: ours.hello.torch,
    pytorch: nhwc.hello.torch,
    ours_images_per_s: (batch / mine).toFixed(1),
    pytorch_nhwc_images_per_s: (batch / theirsNhwc).toFixed(1),
    pytorch_nchw_images_per_s: (batch / theirsNchw).toFixed(1),
    ratio: (Math.min(theirsNhwc, theirsNchw) / mine).toFixed(3),
  }
  record('finetune', row)
  console.log(
    `${row.model}: ours / PyTorch's best = ${row.ratio}   (images/s ${row.ours_images_per_s}; NHWC ${row.pytorch_nhwc_images_per_s}, NCHW ${row.pytorch_nchw_images_per_s})`,
  )
}

const cache = process.env.ARCFACE_CACHE ?? join(homedir(), '.cache/arcface')
const known = [
  fileURLToPath(new URL('../../shared/models/MobileFaceNet.onnx', import.meta.url)),
  join(cache, 'packs/faceplugin/fr_feature.onnx'),
]

const [first, ...rest] = process.argv.slice(2)
if (first === '--worker') await worker(...rest)
else for (const model of first ? [first, ...rest] : known.filter(existsSync)) await compare(model)
