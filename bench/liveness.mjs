// Passive liveness of living people: how many a pack's networks refuse (BPCER, intervals over people), how far scores move
// where the box is a fifth larger or smaller or a tenth aside, of one crop and of the mean that is used, and the time a face.
// node bench/liveness.mjs --photos DIR [--pack NAME]... [--cache DIR] [--every 1] [--moved 2] [--swap]
//   DIR: a folder a person, of whole photographs. --every 4: a quarter of them. --moved 2: of half of these the boxes are
//   moved, 0: of none. --swap: the same networks with red and blue exchanged, too.
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  modelFile,
  openDetector,
  photosIn,
  readPhoto,
  resolveDetector,
  resolveLiveness,
} from '@arcface/recognize'
import { FaceFinder, LivenessChecker } from '@arcface/vision'
import { Answers } from '../packages/evaluate/dist/pad/answers.js'
import { drawnRates } from '../packages/evaluate/dist/pad/rates.js'
import { squareOf, VARIANTS } from '../packages/vision/dist/liveness/checker.js'
import { cropSquare } from '../packages/vision/dist/liveness/crop.js'
import { openNetwork, scoresOf } from '../packages/vision/dist/liveness/network.js'
import { record } from './harness.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    photos: text,
    pack: { ...text, multiple: true, default: ['faceplugin'] },
    cache: text,
    every: { ...text, default: '1' },
    moved: { ...text, default: '2' },
    swap: { type: 'boolean' },
  },
})
const { cache } = values
const ONE_THREAD = { threads: 1 }

/** The largest face of each photograph. */
async function facesOf(folder) {
  const { path, landmarks } = await resolveDetector(undefined, 'faceplugin', { cache })
  const finder = new FaceFinder(await openDetector(path, { landmarks, ...ONE_THREAD }))
  const faces = []
  const files = photosIn(folder).filter((_, i) => i % Number(values.every) === 0)
  for (const file of files) {
    const photo = await readPhoto(join(folder, file))
    const [face] = await finder.find(photo, { faces: 'largest' })
    if (face) faces.push({ person: basename(dirname(file)), file, photo, face })
  }
  await finder.close()
  return { faces, photos: files.length }
}

const scaled = (box, scale, dx = 0, dy = 0) => {
  const longer = Math.max(box.width, box.height)
  const [width, height] = [box.width * scale, box.height * scale]
  const [x, y] = [box.x + (box.width - width) / 2, box.y + (box.height - height) / 2]
  return { x: x + dx * longer, y: y + dy * longer, width, height }
}
const MOVES = [[0.8], [1.2], [1, 0.1], [1, -0.1], [1, 0, 0.1], [1, 0, -0.1]].map(
  (move) => (box) => scaled(box, ...move),
)

const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length

/** Of a box each network's score of one crop, and of the mean of all. */
async function lookAt(networks, photo, box) {
  const all = await Promise.all(
    networks.map((one) => {
      const { crop, size } = one.model
      const crops = VARIANTS.map((variant) => cropSquare(photo, squareOf(box, crop, variant), size))
      return scoresOf(one, crops)
    }),
  )
  return { single: mean(all.map((scores) => scores[0])), averaged: mean(all.map(mean)) }
}

/** What of living people is refused below a threshold. */
function refused(faces, scores, threshold) {
  const names = [...new Set(faces.map(({ person }) => person))]
  const people = faces.map(({ person }) => names.indexOf(person))
  const rates = drawnRates(names.length, { level: 0.95, replicates: 2000, seed: 0 })
  const bound = () => ({ score: threshold, inclusive: true })
  return rates([{ answers: new Answers(scores, people), wrong: 'refused', bound }])[0]
}

const percent = (share) => (100 * share).toFixed(1)

async function measure(pack, name, part, paths, { faces, photos }) {
  const sources = await Promise.all(paths.map((path) => modelFile(path, ONE_THREAD)))
  const networks = await Promise.all(part.models.map((model, i) => openNetwork(sources[i], model)))
  const checker = await LivenessChecker.open(sources, part)
  const told = []
  for (const { photo, face } of faces) told.push(await checker.check(photo, face))
  const judged = faces.filter((_, i) => told[i].unsure.length === 0)
  const asked = told.filter(({ unsure }) => unsure.length === 0)

  const started = [performance.now(), process.cpuUsage()]
  for (const { photo, face } of faces.slice(0, 50)) await checker.check(photo, face)
  const cpu = process.cpuUsage(started[1])
  const timed = Math.min(50, faces.length)
  const row = {
    pack,
    networks: name,
    photos,
    faces: faces.length,
    answered: asked.length,
    threads: 1,
    cpu_ms_a_face: ((cpu.user + cpu.system) / 1000 / timed).toFixed(1),
    wall_ms_a_face: ((performance.now() - started[0]) / timed).toFixed(1),
  }

  const looks = { single: [], averaged: [] }
  const every = Number(values.moved)
  for (const [i, { photo, face }] of judged.entries()) {
    const still = await lookAt(networks, photo, face.box)
    const moved = []
    if (every > 0 && i % every === 0)
      for (const move of MOVES) moved.push(await lookAt(networks, photo, move(face.box)))
    for (const kind of ['single', 'averaged'])
      looks[kind].push({ still: still[kind], moved: moved.map((one) => one[kind]) })
  }
  for (const [kind, all] of Object.entries(looks))
    for (const threshold of [...new Set([0.5, ...part.points.map((one) => one.threshold)])]) {
      const rate = refused(
        judged,
        all.map(({ still }) => still),
        threshold,
      )
      const moved = all.filter((one) => one.moved.length > 0)
      const steps = moved
        .flatMap(({ still, moved: those }) => those.map((one) => Math.abs(one - still)))
        .sort((a, b) => a - b)
      const turns = ({ still, moved: those }) =>
        those.filter((one) => one >= threshold !== still >= threshold).length
      const full = {
        ...row,
        crops: kind === 'single' ? 1 : VARIANTS.length,
        threshold,
        refused: rate.errors,
        bpcer_percent: percent(rate.value),
        low_percent: percent(rate.low),
        high_percent: percent(rate.high),
        people: rate.people,
        moved_faces: moved.length,
        moved_mean: steps.length > 0 ? mean(steps).toFixed(4) : '',
        moved_95: steps.length > 0 ? steps[Math.floor(0.95 * steps.length)].toFixed(4) : '',
        moved_max: steps.length > 0 ? steps.at(-1).toFixed(4) : '',
        moved_verdicts: moved.reduce((sum, one) => sum + turns(one), 0),
        faces_turned: moved.filter((one) => turns(one) > 0).length,
      }
      record('liveness', full)
      console.log(JSON.stringify(full))
    }
  await checker.close()
  await Promise.all(networks.map(({ network }) => network.close()))
}

const swapped = (part) => ({
  ...part,
  models: part.models.map((model) => ({
    ...model,
    input: { ...model.input, colorOrder: model.input.colorOrder === 'BGR' ? 'RGB' : 'BGR' },
  })),
})

const found = await facesOf(values.photos)
for (const pack of values.pack) {
  const { part, paths } = await resolveLiveness(pack, pack, { cache })
  const name = part.models.map(({ file, input }) => `${file} ${input.colorOrder}`).join(' + ')
  await measure(pack, name, part, paths, found)
  if (values.swap) await measure(pack, `${name} swapped`, swapped(part), paths, found)
}
