// Whether a calibration holds for other people: made of all pairs of some folders, tried on those of others and on a list
// of pairs. A folder a person, aligned faces or photographs.
// node bench/calibration.mjs --fit DIR [--fit DIR] [--try DIR] [--pairs FILE --images DIR] [--prior 0.5] [--model PACK_OR_ONNX]
//   [--keep-doubtful]
// Labels that are wrong in all likelihood are left out of the folders, as `--leave-out-doubtful` does, unless they are kept.

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { openPairs } from '@arcface/data'
import {
  calibrate,
  calibrationAcross,
  doubtfulLabels,
  measureCalibration,
  numberNames,
} from '@arcface/evaluate'
import { samplePairs } from '@arcface/evaluate/run'
import { openModel, pairsAbove } from '@arcface/recognize'
import { record } from './harness.mjs'
import { facesOf, rowsOf } from './people.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    fit: { ...text, multiple: true },
    try: { ...text, multiple: true, default: [] },
    pairs: text,
    images: text,
    prior: { ...text, default: '0.5' },
    model: { ...text, default: 'faceplugin' },
    'keep-doubtful': { type: 'boolean' },
  },
})
const { embedder } = await openModel(values.model)
const { dim } = embedder

/** All pairs of the people of folders. */
async function across(folders) {
  const faces = await facesOf(folders, embedder, values.model)
  const rows = rowsOf(faces, dim)
  const given = numberNames(faces.map((one) => one.person))
  const { person } = values['keep-doubtful']
    ? { person: given }
    : await doubtfulLabels(rows, dim, given, pairsAbove)
  const images = person.filter((one) => one >= 0).length
  return { sample: calibrationAcross(rows, dim, person), images }
}

const named = (folders) => folders.map((folder) => basename(folder)).join('+')
const { sample, images } = await across(values.fit)
const prior = Number(values.prior)
const source = named(values.fit)
const { calibration, ...own } = calibrate(sample, { prior, source, images, replicates: 200 })
console.log(JSON.stringify({ ...calibration, ...own }, null, 1))

const tried = []
for (const folder of values.try)
  tried.push({ on: named([folder]), sample: (await across([folder])).sample })
if (values.pairs !== undefined) {
  const list = openPairs(values.pairs, values.images)
  const embed = (images, n) => embedder.features(images, n)
  tried.push({ on: basename(values.pairs), sample: await samplePairs(list, embed) })
}
await embedder.close()
const row = (on, method, { cllr, minCllr, cllrInterval: { low, high } }) =>
  record('calibration', {
    model: basename(values.model),
    fitted: source,
    on,
    method,
    prior,
    cllr: cllr.toFixed(4),
    low: low.toFixed(4),
    high: high.toFixed(4),
    minCllr: minCllr.toFixed(4),
  })
row(source, calibration.method, { ...own, ...calibration.measured })
for (const { on, sample } of tried) {
  const figures = measureCalibration(calibration, sample, { replicates: 200 })
  console.log(JSON.stringify({ on, ...figures }, null, 1))
  row(on, calibration.method, figures)
}
