// What models are worth on faces as a camera on a ceiling gives them: pairs of aligned faces as they are, shrunk to so many
// pixels and enlarged again, or blurred; both faces of a pair, or the second alone. Each model is compared with the first, pair
// by pair: how many it gets right where the first is wrong, and the reverse (McNemar).
// node bench/degraded.mjs --model PACK_OR_ONNX [--model ...] --images DIR --pairs FILE [--sides 16,14,12] [--sigma 4]

import { parseArgs } from 'node:util'
import { augment, decodeImage, imageName, openPairs } from '@arcface/data'
import { verification } from '@arcface/evaluate'
import { openModel } from '@arcface/recognize'
import { IMAGE_BYTES, Random } from '@arcface/vision'
import { record } from './harness.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    model: { ...text, multiple: true },
    images: text,
    pairs: text,
    sides: { ...text, default: '16,14,12' },
    sigma: { ...text, default: '4' },
  },
})
const sigma = Number(values.sigma)
const kinds = [
  ['clean', undefined],
  ...values.sides
    .split(',')
    .map((side) => [
      `${side} px`,
      { lowResolution: { probability: 1, minSide: Number(side), maxSide: Number(side) } },
    ]),
  [`blur ${sigma}`, { blur: { probability: 1, minSigma: sigma, maxSigma: sigma } }],
]
const list = openPairs(values.pairs, values.images)
const faces = []
for (const image of list.images) faces.push(await decodeImage(image))

function changed(options) {
  if (options === undefined) return faces
  return faces.map((face) => {
    const out = new Uint8Array(IMAGE_BYTES)
    augment(face, options, new Random(1), out)
    return out
  })
}

async function embed(embedder, images) {
  const all = new Float32Array(images.length * embedder.dim)
  for (let i = 0; i < images.length; i += 64) {
    const part = images.slice(i, i + 64)
    all.set(await embedder.features(Buffer.concat(part), part.length), i * embedder.dim)
  }
  return all
}

const names = list.images.map(imageName)
/** Accuracy over the folds, and which pairs were told right at the best threshold of all. */
function measure(first, second, dim) {
  const { a, same, folds } = list
  const count = list.images.length
  const embeddings = new Float32Array(2 * count * dim)
  embeddings.set(first)
  embeddings.set(second, count * dim)
  const b = list.b.map((row) => row + count)
  const found = verification({ embeddings, dim, a, b, same, folds, names: [...names, ...names] })
  const right = Array.from(
    same,
    (one, i) => found.similarities[i] > found.threshold === (one === 1),
  )
  return { ...found, right }
}

const before = new Map()
for (const model of values.model) {
  const { embedder } = await openModel(model)
  const clean = await embed(embedder, faces)
  for (const [kind, options] of kinds) {
    const other = options === undefined ? clean : await embed(embedder, changed(options))
    for (const [what, first] of options === undefined
      ? [['both', clean]]
      : [
          ['both', other],
          ['second', clean],
        ]) {
      const found = measure(first, other, embedder.dim)
      const name = `${kind} ${what}`
      if (!before.has(name)) before.set(name, found.right)
      const old = before.get(name)
      const mended = found.right.filter((right, i) => right && !old[i]).length
      const broken = found.right.filter((right, i) => !right && old[i]).length
      const row = {
        model: model.split('/').at(-1),
        pairs: values.pairs.split('/').at(-1),
        faces: kind,
        which: what,
        accuracy: (100 * found.accuracy).toFixed(2),
        tarAtFar1e3: (100 * found.tarAtFar['1e-3']).toFixed(1),
        mended,
        broken,
      }
      process.stdout.write(`${Object.values(row).join('  ')}\n`)
      record('degraded', row)
    }
  }
  await embedder.close()
}
