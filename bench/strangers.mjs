// How often strangers are named and enrolled people found, by the size of the gallery: through a gallery, by the pack's
// own thresholds at an FPIR, and at a fixed cosine beside it. A folder a person, aligned faces or photographs.
// node bench/strangers.mjs --people DIR [--people DIR] [--strangers DIR] [--sizes 10,30,100] [--photos 2] [--draws 10]
//   [--fpir 1e-2] [--before 0.2352] [--model PACK_OR_ONNX] [--thresholds FILE]
// Without --strangers these are people of the same folders who are not enrolled. Labels that are wrong in all likelihood
// are left out, as `arcface evaluate threshold --leave-out-doubtful` does; of each stranger 4 photographs are searched, of
// each enrolled person 2 others.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { doubtfulLabels, numberNames } from '@arcface/evaluate'
import { galleryModel, openGallery } from '@arcface/gallery'
import { parseThresholds } from '@arcface/onnx'
import { openModel, pairsAbove } from '@arcface/recognize'
import { chooseSearchThreshold, Random } from '@arcface/vision'
import { record } from './harness.mjs'
import { facesOf, rowsOf } from './people.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    people: { ...text, multiple: true },
    strangers: { ...text, multiple: true },
    sizes: { ...text, default: '10,30,100' },
    photos: { ...text, default: '2' },
    draws: { ...text, default: '10' },
    fpir: { ...text, default: '1e-2' },
    before: { ...text, default: '0.2352' },
    model: { ...text, default: 'faceplugin' },
    thresholds: text,
  },
})
const [photos, draws, fpir, before] = [values.photos, values.draws, values.fpir, values.before].map(
  Number,
)
const name = (folders) => folders.map((folder) => basename(folder)).join('+')

const opened = await openModel(values.model)
const { embedder, thresholds } = opened
const { dim } = embedder
const known = values.thresholds
  ? parseThresholds(readFileSync(values.thresholds, 'utf8'), values.thresholds)
  : thresholds
const model = galleryModel(opened)

const enrolledFrom = values.people
const strangersFrom = values.strangers ?? enrolledFrom
const all = await facesOf(new Set([...enrolledFrom, ...strangersFrom]), embedder, values.model)
await embedder.close()
const { person } = await doubtfulLabels(
  rowsOf(all, dim),
  dim,
  numberNames(all.map((one) => one.person)),
  pairsAbove,
)
/** Faces by person, of these folders. */
const peopleOf = (folders) => {
  const found = new Map()
  for (const [i, { folder, embedding }] of all.entries())
    if (person[i] >= 0 && folders.includes(folder))
      found.set(person[i], [...(found.get(person[i]) ?? []), embedding])
  return found
}
const candidates = [...peopleOf(enrolledFrom)].filter(([, faces]) => faces.length > photos)
const others = peopleOf(strangersFrom)

for (const size of values.sizes.split(',').map(Number)) {
  if (size > candidates.length) continue
  const counts = { strangers: 0, mates: 0, named: 0, namedBefore: 0, found: 0, foundBefore: 0 }
  let threshold
  for (let draw = 0; draw < draws; draw++) {
    const random = new Random(draw, size)
    const shuffled = (list) => {
      const copy = [...list]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = random.below(i + 1)
        ;[copy[i], copy[j]] = [copy[j], copy[i]]
      }
      return copy
    }
    const enrolled = shuffled(candidates).slice(0, size)
    const folder = mkdtempSync(join(tmpdir(), 'strangers-'))
    const gallery = await openGallery(join(folder, 'people'), { model })
    try {
      const faces = []
      const mates = []
      for (const [one, embeddings] of enrolled) {
        const mixed = shuffled(embeddings)
        for (const embedding of mixed.slice(0, photos)) faces.push({ person: `${one}`, embedding })
        for (const embedding of mixed.slice(photos, photos + 2)) mates.push([`${one}`, embedding])
      }
      await gallery.enroll(faces)
      const inside = new Set(enrolled.map(([one]) => one))
      const strangers = [...others]
        .filter(([one]) => !inside.has(one))
        .flatMap(([, embeddings]) => shuffled(embeddings).slice(0, 4))
      const search = async (embeddings) => {
        const found = await gallery.identifyMany(embeddings)
        threshold = chooseSearchThreshold(known, { fpir }, found[0].searched.faces).threshold
        return found.map(({ matches: [best] }) => best)
      }
      for (const best of await search(strangers)) {
        counts.strangers++
        counts.named += Number(best.similarity >= threshold)
        counts.namedBefore += Number(best.similarity >= before)
      }
      const hits = await search(mates.map(([, embedding]) => embedding))
      for (const [i, best] of hits.entries()) {
        counts.mates++
        if (best.name !== mates[i][0]) continue
        counts.found += Number(best.similarity >= threshold)
        counts.foundBefore += Number(best.similarity >= before)
      }
    } finally {
      await gallery.close()
      rmSync(folder, { recursive: true })
    }
  }
  const share = (value, of) => (value / of).toFixed(4)
  const row = {
    model: basename(values.model),
    people: name(enrolledFrom),
    strangers_of: name(strangersFrom),
    enrolled: size,
    photos,
    fpir_wanted: fpir,
    threshold: threshold.toFixed(4),
    searches_of_strangers: counts.strangers,
    fpir: share(counts.named, counts.strangers),
    searches_of_enrolled: counts.mates,
    found: share(counts.found, counts.mates),
    cosine_before: before,
    fpir_before: share(counts.namedBefore, counts.strangers),
    found_before: share(counts.foundBefore, counts.mates),
  }
  record('strangers', row)
  console.log(row)
}
