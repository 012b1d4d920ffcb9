// The head alone: forward, backward and update at very many classes, beside PyTorch's straightforward one, in turns.
// The two are separate processes, so that each one's peak memory is its own. In float32, and with products of bfloat16
// beside PyTorch's autocast. node bench/head.mjs [classes ...]
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  keepMemory,
  manualSeed,
  ops,
  optim,
  scope,
  setNumThreads,
  tensor,
  torchVersion,
} from '@arcface/libtorch'
import { BlockedHead, createLoss } from '@arcface/train'
import { duel, record, serve, start } from './harness.mjs'

const [batch, dim, threads] = [128, 512, 2]
const python = process.env.PYTHON ?? '/usr/bin/python3'
const megabytes = (name) =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024

async function ours(classes, precision) {
  setNumThreads(threads)
  keepMemory()
  manualSeed(1)
  const head = new BlockedHead(createLoss({ name: 'arcface' }, { classes, dim }), {
    bf16: precision === 'bf16',
  })
  const sgd = new optim.SGD([{ params: [['weight', head.centres]] }], {
    lr: 0.01,
    momentum: 0.9,
    weightDecay: 5e-4,
  })
  const labels = tensor(
    Array.from({ length: batch }, (_, i) => (i * 977) % classes),
    [batch],
    { dtype: 'int64' },
  )
  const x = ops.randn([batch, dim])
  x.requiresGrad = true
  const step = () =>
    scope(() => {
      x.grad = null
      head.call(x, labels).backward()
      head.descend(sgd, 'weight')
    })
  step()
  step()
  const kept = (2 * classes * dim * 4) / 2 ** 20
  await serve({ peak_mb: megabytes('VmHWM') - kept }, step)
}

async function compare(classes, precision) {
  const self = fileURLToPath(import.meta.url)
  const peer = fileURLToPath(new URL('peers/head.py', import.meta.url))
  const contestants = []
  try {
    const same = [String(classes), precision]
    contestants.push(await start(process.execPath, [self, 'ours', ...same]))
    contestants.push(await start(python, [peer, ...same, String(threads)]))
    const [own, other] = await duel(contestants, { rounds: 5, steps: 1 })
    const [mine, theirs] = contestants.map(({ hello }) => hello.peak_mb)
    const row = {
      libtorch: torchVersion,
      torch: contestants[1].hello.torch,
      ...{ threads, batch, dim, classes, precision },
      ours_ms: (own * 1000).toFixed(0),
      torch_ms: (other * 1000).toFixed(0),
      ratio: (other / own).toFixed(2),
      ours_peak_mb: mine.toFixed(0),
      torch_peak_mb: theirs.toFixed(0),
      peak_share: (mine / theirs).toFixed(3),
    }
    record('head', row)
    return row
  } finally {
    for (const one of contestants) one.stop()
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === 'ours') await ours(Number(rest[0]), rest[1])
else {
  const rows = []
  for (const classes of first ? [first, ...rest] : [100_000, 1_000_000])
    for (const precision of ['fp32', 'bf16']) rows.push(await compare(Number(classes), precision))
  console.table(rows)
}
