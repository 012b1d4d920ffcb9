// Two ranks of one thread against one rank of two threads, on the same images a step: node bench/ranks.mjs [backbone ...]
// Throughput in turns; then the losses of the first steps, which must be the same. For that the two halves of a batch
// have the same images under other labels: BatchNorm, whose statistics each rank has of its own half, sees no difference.
// Beside it stands how far one rank is from itself on one thread: sums in another order, and no more, must lie between
// one rank and two.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { duel, record, serve, start } from './harness.mjs'

const half = 16 // images of a rank
const classes = 10572
const curveSteps = 10
const self = fileURLToPath(import.meta.url)

/** Images in blocks of 14 pixels, each picture unlike the others. */
function pictures(seed) {
  let state = seed + 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  }
  const colours = Uint8Array.from({ length: half * 64 * 3 }, random)
  return Uint8Array.from({ length: half * 112 * 112 * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    const [row, column] = [Math.floor(pixel / 112), pixel % 112]
    return colours[(8 * Math.floor(row / 14) + Math.floor(column / 14)) * 3 + (at % 3)]
  })
}

async function worker(backbone, mode, threads) {
  const { keepMemory, manualSeed, setNumThreads, torchVersion } = await import('@arcface/libtorch')
  const { buildTraining, checkConfig, Team, trainStep } = await import('@arcface/train')
  const team = Team.join('cpu')
  const config = checkConfig({
    data: { roots: ['-'] },
    model: { backbone },
    loss: { scale: 32 },
    optimizer: { lr: 0.001 },
    train: { batchSize: half },
  })
  keepMemory()
  setNumThreads(Number(threads ?? 2 / team.world))
  manualSeed(1)
  const training = buildTraining(config, classes, team)
  const halves = team.world === 1 ? [0, 1] : [team.rank]
  const batches = Array.from({ length: 4 }, (_, i) => {
    const images = new Uint8Array(halves.length * half * 112 * 112 * 3)
    const labels = new Int32Array(halves.length * half)
    const own = pictures(i)
    for (const [k, which] of halves.entries()) {
      images.set(own, k * own.length)
      for (let n = 0; n < half; n++)
        labels[k * half + n] = (997 * (i * half + n) + 5000 * which) % classes
    }
    return { images, labels }
  })
  let count = 0
  const step = () => {
    const { images, labels } = batches[count++ % batches.length]
    return trainStep(config, training, { images, labels, step: 500 + count, steps: 1000 }).loss
  }
  if (mode === 'curve') {
    const losses = Array.from({ length: curveSteps }, step)
    if (team.leads) process.stdout.write(`${JSON.stringify({ losses })}\n`)
  } else {
    step()
    await serve({ torch: torchVersion }, step)
  }
  team.leave()
}

/** Both ranks: this process is the first, and passes on to the second what it is asked. */
async function pair(backbone, mode) {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = String(server.address().port)
  await new Promise((resolve) => server.close(resolve))
  const env = { WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: port, OMP_NUM_THREADS: '1' }
  const children = ['0', '1'].map((RANK) =>
    spawn(process.execPath, [self, '--worker', backbone, mode], {
      env: { ...process.env, ...env, RANK },
      stdio: ['pipe', RANK === '0' ? 'inherit' : 'ignore', 'inherit'],
    }),
  )
  process.stdin.on('data', (text) => {
    for (const child of children) child.stdin.write(text)
  })
  process.stdin.on('end', () => {
    for (const child of children) child.stdin.end()
  })
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))))
  process.stdin.destroy()
}

const contestant = (kind, backbone, mode) =>
  start(process.execPath, [self, `--${kind}`, backbone, mode])

async function compare(backbone) {
  const one = await contestant('worker', backbone, 'speed')
  const two = await contestant('pair', backbone, 'speed')
  const [single, double] = await duel([one, two], { rounds: 7, steps: 1 })
  for (const each of [one, two]) each.stop()
  const curve = async (...kind) => (await start(process.execPath, [self, ...kind])).hello.losses
  const whole = await curve('--worker', backbone, 'curve')
  const apart = (losses) => Math.max(...losses.map((loss, i) => Math.abs(loss / whole[i] - 1)))
  const off = apart(await curve('--pair', backbone, 'curve'))
  const ownOff = apart(await curve('--worker', backbone, 'curve', '1'))
  const row = {
    backbone,
    images_a_step: 2 * half,
    classes,
    libtorch: one.hello.torch,
    one_rank_images_per_s: ((2 * half) / single).toFixed(1),
    two_ranks_images_per_s: ((2 * half) / double).toFixed(1),
    ratio: (single / double).toFixed(3),
    steps_compared: curveSteps,
    largest_relative_difference_of_loss: off.toExponential(1),
    of_one_rank_on_one_thread: ownOff.toExponential(1),
  }
  record('ranks', row)
  console.log(
    `${backbone}: two ranks / one = ${row.ratio}   (images/s ${row.two_ranks_images_per_s} and ${row.one_rank_images_per_s}; losses of ${curveSteps} steps differ by at most ${row.largest_relative_difference_of_loss}, of one rank on one thread by ${row.of_one_rank_on_one_thread})`,
  )
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--worker') await worker(...rest)
else if (first === '--pair') await pair(...rest)
else
  for (const backbone of first ? [first, ...rest] : ['mobilefacenet', 'r18'])
    await compare(backbone)
