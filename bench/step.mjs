// A training step, ours beside PyTorch's in both memory formats, and from 2.0 on compiled: node bench/step.mjs [backbone [fp32|bf16]]
// DEVICE=cuda: both on a GPU, larger batches, and nothing compiled, which takes minutes there.
// PYTHON is any python3 with torch. A backbone is a name, or the ONNX file of an embedder, which is fine-tuned: then
// PYTHON has onnx, too. Ours runs over the libtorch that it was built with, or that of ARCFACE_TORCH_BUILD.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { duel, record, serve, start } from './harness.mjs'

const device = process.env.DEVICE ?? 'cpu'
const onGpu = device !== 'cpu'
const batch = onGpu ? 128 : 32
/** Steps that ours on a GPU runs ahead of what is read of them, as a training does. */
const ahead = onGpu ? 10 : 1
const threads = 2
const self = fileURLToPath(import.meta.url)

const isFile = (backbone) => backbone.endsWith('.onnx')
/** CASIA's people, or some hundred of one's own. */
const classesOf = (backbone) => (isFile(backbone) ? 289 : 10572)

async function worker(backbone, precision) {
  const { keepMemory, manualSeed, setDefaultDevice, setNumThreads, torchVersion, tryAlgorithms } =
    await import('@arcface/libtorch')
  const { gemmPeak, stepFlops } = await import('./flops.mjs')
  const { buildTraining, checkConfig, launchStep } = await import('@arcface/train')
  const classes = classesOf(backbone)
  const pixels = { mean: 127.5, std: 127.5 }
  const config = checkConfig({
    data: { roots: ['-'] },
    model: { backbone, ...(isFile(backbone) && { preprocessing: pixels }) },
    optimizer: { lr: 0.01 },
    train: { batchSize: batch, precision, threads, device },
  })
  keepMemory()
  setDefaultDevice(device)
  if (onGpu) tryAlgorithms()
  setNumThreads(threads)
  manualSeed(1)
  const training = buildTraining(config, classes)
  const batches = Array.from({ length: 4 }, () => ({
    images: Uint8Array.from({ length: batch * 112 * 112 * 3 }, () => Math.random() * 256),
    labels: Int32Array.from({ length: batch }, () => Math.random() * classes),
  }))
  const launched = []
  let count = 0
  const step = () => {
    const { images, labels } = batches[count++ % batches.length]
    launched.push(launchStep(config, training, { images, labels, step: 500, steps: 1000 }))
    if (launched.length === ahead) for (const read of launched.splice(0)) read()
  }
  for (let i = 0; i < ahead; i++) step()
  const flops = stepFlops(training.backbone, batch) + 3 * 2 * batch * 512 * classes
  await serve({ torch: torchVersion, flops, peak: gemmPeak(precision) }, step)
}

const python = process.env.PYTHON ?? 'python3'
const compiles = () =>
  execFileSync(python, ['-c', "import torch; print(hasattr(torch, 'compile'))"])
    .toString()
    .startsWith('True')

async function compare(backbone, precision) {
  const classes = classesOf(backbone)
  const peer = (format, ...more) =>
    start(
      python,
      [
        fileURLToPath(new URL('peers/step.py', import.meta.url)),
        ...[isFile(backbone) ? '--onnx' : '--backbone', backbone],
        ...['--batch', batch, '--threads', threads, '--classes', classes],
        ...['--memory-format', format, '--autocast', precision === 'fp32' ? 'none' : precision],
        ...['--device', device],
        ...more,
      ].map(String),
    )
  const ours = await start(process.execPath, [self, '--worker', backbone, precision])
  const nhwc = await peer('nhwc')
  const nchw = await peer('nchw')
  // A network of a file runs as its graph says, node by node: nothing to compile.
  const compiled =
    !onGpu && compiles() && !isFile(backbone)
      ? await peer('nhwc', '--compile', '--warmup', 4).catch(() => undefined) // no compiler, or no Python.h
      : undefined
  const all = [ours, nhwc, nchw, ...(compiled ? [compiled] : [])]
  const steps = backbone === 'r50' ? 1 : 2
  const turns = { rounds: 7, steps: onGpu ? 20 : steps }
  const [mine, ...theirs] = await duel(all, turns)
  for (const one of all) one.stop()
  const [perNhwc, perNchw, perCompiled] = theirs.map((seconds) => (batch / seconds).toFixed(1))
  const row = {
    backbone: basename(backbone),
    precision,
    batch,
    classes,
    threads,
    libtorch: ours.hello.torch,
    pytorch: nhwc.hello.torch,
    ours_images_per_s: (batch / mine).toFixed(1),
    pytorch_nhwc_images_per_s: perNhwc,
    pytorch_nchw_images_per_s: perNchw,
    ratio: (Math.min(theirs[0], theirs[1]) / mine).toFixed(3),
    gemm_peak_gflops: (ours.hello.peak / 1e9).toFixed(0),
    share_of_gemm_peak: (ours.hello.flops / mine / ours.hello.peak).toFixed(3),
    compiled_images_per_s: perCompiled ?? '',
    ratio_compiled: perCompiled ? (theirs[2] / mine).toFixed(3) : '',
    commit:
      process.env.COMMIT ??
      execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: dirname(self) })
        .toString()
        .trim(),
  }
  record(onGpu ? 'step-gpu' : 'step', row)
  console.log(
    `${row.backbone} ${precision}: ours / PyTorch ${row.pytorch} = ${row.ratio} eager${perCompiled ? `, ${row.ratio_compiled} compiled` : ''}, ${row.share_of_gemm_peak} of the GEMM peak   (images/s ${row.ours_images_per_s}; NHWC ${perNhwc}, NCHW ${perNchw}${perCompiled ? `, compiled ${perCompiled}` : ''})`,
  )
}

const cache = process.env.ARCFACE_CACHE ?? join(homedir(), '.cache/arcface')
const files = [
  fileURLToPath(new URL('../../shared/models/MobileFaceNet.onnx', import.meta.url)),
  join(cache, 'packs/faceplugin/fr_feature.onnx'),
].filter(existsSync)
const everything = ['mobilefacenet', 'r18', 'r50', ...files].flatMap((backbone) => [
  [backbone, 'fp32'],
  [backbone, 'bf16'],
])

const [first, ...rest] = process.argv.slice(2)
if (first === '--worker') {
  await worker(...rest)
} else {
  for (const [backbone, precision] of first ? [[first, rest[0] ?? 'fp32']] : everything)
    await compare(backbone, precision)
}
