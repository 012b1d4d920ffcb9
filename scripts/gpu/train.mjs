// A training of 200 steps on drawn faces, and its checkpoint from one device to another:
//   node scripts/gpu/train.mjs FOLDER DEVICE PRECISION [BACKBONE [STEPS [BATCH]]]
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { checkConfig, resume, train } from '@arcface/train'

const [folder, device, precision, backbone = 'r50', steps = '200', batch = '128'] =
  process.argv.slice(2)
// As many as a short run still sees several times.
const [people, images] = Number(steps) < 100 ? [16, 20] : [64, 40]
const faces = join(folder, 'faces')
if (!existsSync(faces)) await synthesizeFaces(faces, { people, imagesPerPerson: images, seed: 1 })

const stepsPerEpoch = Math.floor((people * images) / Number(batch))
const epochs = Math.max(1, Math.round(Number(steps) / stepsPerEpoch))
const output = join(folder, `${backbone}-${device}-${precision}`)
const losses = []
const rates = []
const events = {
  onStep: ({ loss, imagesPerSecond, lossScale }) => {
    losses.push(loss)
    rates.push(imagesPerSecond)
    if (losses.length % 50 === 0)
      console.log({ step: losses.length, loss, imagesPerSecond, lossScale })
  },
  onWarning: (text) => console.log(`warning: ${text}`),
}
const config = checkConfig({
  data: { roots: [faces] },
  model: { backbone },
  loss: { name: 'arcface', scale: 32 },
  optimizer: { lr: 0.05 },
  train: { epochs, batchSize: Number(batch), precision, device },
  checkpoint: { every: 0 },
  output,
})
const begin = performance.now()
const result = await train(config, events)
const seconds = (performance.now() - begin) / 1000
const mean = (of) => of.reduce((sum, one) => sum + one, 0) / of.length
const [first, last] = [mean(losses.slice(0, 10)), mean(losses.slice(-10))]
if (!(last < first)) throw new Error(`the loss did not fall: ${first} to ${last}`)

// There and back: the checkpoint goes on for an epoch on the CPU, and from there on the device again.
const moved = []
for (const [i, other] of ['cpu', device].entries()) {
  const { loss } = await resume(output, events, [
    `train.epochs=${epochs + i + 1}`,
    `train.device=${other}`,
  ])
  if (!Number.isFinite(loss)) throw new Error(`on ${other} the loss is ${loss}`)
  moved.push(`${other} ${loss.toFixed(3)}`)
}
const perSecond =
  rates.slice(Math.floor(rates.length / 2)).at(-1 - 2 * stepsPerEpoch) ?? rates.at(-1)
console.log(
  `RESULT ${result.steps} steps of ${batch}, loss ${first.toFixed(2)} to ${last.toFixed(2)}, ${perSecond.toFixed(0)} images/s, ${seconds.toFixed(0)} s; goes on: ${moved.join(', ')}`,
)
