// What the pipeline finds and tells apart on photographs in the wild, a folder a person: share with a face found, all
// pairs within and across people (1:1), and whether the nearest other photograph is of the same person (leave-one-out).
// node bench/photos.mjs --photos DIR [--model PACK_OR_ONNX] [--detector PACK_OR_ONNX] [--flip]
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pairFigures } from '@arcface/evaluate'
import { embedPhotos, photosIn, Recognizer } from '@arcface/recognize'
import { record } from './harness.mjs'

const FARS = [1e-1, 1e-2, 1e-3]
const text = { type: 'string' }
const { values } = parseArgs({
  options: { photos: text, model: text, detector: text, flip: { type: 'boolean' } },
})
const { photos, model = 'faceplugin', detector, flip = false } = values
const files = photosIn(photos)
const recognizer = await Recognizer.open({ model, ...(detector && { detector }) })
const faces = []
const paths = files.map((file) => join(photos, file))
let at = 0
for await (const batch of embedPhotos(recognizer, paths, { faces: 'largest', flip }))
  for (const result of batch) {
    const person = files[at++].split(/[\\/]/)[0]
    if (result.faces) faces.push({ person, embedding: result.faces[0].embedding })
  }
const { thresholds } = recognizer
await recognizer.close()

const similarities = []
const same = []
let hits = 0
for (const [i, a] of faces.entries()) {
  let nearest = { similarity: -2 }
  for (const [j, b] of faces.entries()) {
    if (i === j) continue
    const similarity = a.embedding.reduce((sum, value, k) => sum + value * b.embedding[k], 0)
    if (similarity > nearest.similarity) nearest = { similarity, person: b.person }
    if (j < i) continue
    similarities.push(similarity)
    same.push(Number(a.person === b.person))
  }
  if (nearest.person === a.person) hits++
}
const figures = pairFigures(Float32Array.from(similarities), Uint8Array.from(same), FARS)
const own = thresholds?.cosine['1e-2']
const above = (kind) => {
  const of = similarities.filter((_, i) => same[i] === kind)
  return own === undefined ? '' : (of.filter((value) => value > own).length / of.length).toFixed(4)
}
const mean = (kind) => {
  const of = similarities.filter((_, i) => same[i] === kind)
  return (of.reduce((sum, value) => sum + value, 0) / of.length).toFixed(4)
}
const name = (path) => path?.split(/[\\/]/).at(-1) ?? "the model's own"
const row = {
  model: name(model),
  detector: name(detector),
  flip,
  photos: files.length,
  found: faces.length,
  rank1: (hits / faces.length).toFixed(4),
  within: same.filter((one) => one === 1).length,
  across: same.filter((one) => one === 0).length,
  mean_within: mean(1),
  mean_across: mean(0),
  auc: figures.auc.toFixed(5),
  ...Object.fromEntries(FARS.map((far) => [`tar_at_${far}`, figures.tarAtFar[far].toFixed(4)])),
  // At the threshold that the model names for a FAR of 1e-2.
  own_tar: above(1),
  own_far: above(0),
}
record('photos', row)
console.log(row)
