// A bare session of onnxruntime-node that embeds: embed.mjs MODEL COUNT. Tries batches of 1 to 32 (the file's own where it
// fixes one) with all threads and takes the fastest; a step is COUNT images, whose pixels are made ready beforehand.
import { createRequire } from 'node:module'
import { serve } from '../harness.mjs'

const require = createRequire(new URL('../../packages/recognize/package.json', import.meta.url))
const { InferenceSession, Tensor } = require('onnxruntime-node')
const [model, count] = process.argv.slice(2)
const session = await InferenceSession.create(model, { logSeverityLevel: 3 })
const [name] = session.inputNames
const [declared, ...image] = session.inputMetadata[0].shape
const length = image.reduce((product, side) => product * side)

async function step(batch) {
  for (let done = 0; done < Number(count); done += batch)
    await session.run({
      [name]: new Tensor('float32', images.subarray(0, batch * length), [batch, ...image]),
    })
}

const images = Float32Array.from({ length: 32 * length }, (_, i) => ((i * 31) % 256) / 127.5 - 1)
const batches = typeof declared === 'number' ? [declared] : [1, 2, 4, 8, 16, 32]
let best = { seconds: Number.POSITIVE_INFINITY, batch: 1 }
for (const batch of batches) {
  await step(batch)
  const from = performance.now()
  await step(batch)
  const seconds = (performance.now() - from) / 1000
  if (seconds < best.seconds) best = { seconds, batch }
}
await serve({ batch: best.batch }, () => step(best.batch))
process.exit()
