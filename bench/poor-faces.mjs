// How often strangers match by pictures that are small, blurred, crushed or turned, with and without the limits of
// quality: false match rate at the cosine that keeps FAR 1e-3 among whole pictures of the same people, and the share that
// passes, by kind and by distance of the eyes.
// node bench/poor-faces.mjs --photos DIR [--aligned DIR] [--model PACK_OR_ONNX] [--detector PACK_OR_ONNX] [--each 4] [--most 200] [--kinds REGEX]
//   DIR: a folder a person; aligned faces of 112x112 are put on a larger grey picture first. --each: pictures a person
//   (one of the aligned), --most: pictures in all. --kinds: only those; all take two minutes on two quiet cores.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { photosIn, Recognizer } from '@arcface/recognize'
import { limitsOf, rejectionsOf } from '@arcface/vision'
import sharp from 'sharp'
import { record } from './harness.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    photos: text,
    aligned: text,
    model: text,
    detector: text,
    each: text,
    most: text,
    kinds: text,
  },
})
const { model = 'faceplugin', detector, each = '4', most = '200', kinds: wanted = '' } = values
const FAR = 1e-3
/** Photographs in work at once. */
const BATCH = 16

const listed = (folder, aligned) => {
  const taken = new Map()
  return photosIn(folder).flatMap((file) => {
    const person = file.split(/[\\/]/)[0]
    const count = taken.get(person) ?? 0
    taken.set(person, count + 1)
    return count < (aligned ? 1 : Number(each))
      ? [{ person, path: join(folder, file), aligned }]
      : []
  })
}
const photos = [
  ...listed(values.photos, false),
  ...(values.aligned ? listed(values.aligned, true) : []),
].slice(0, Number(most))

/** At most 480 pixels, aligned faces in the middle of a grey picture. */
const open = async ({ path, aligned }) => {
  const grey = { r: 110, g: 110, b: 110 }
  const room = { top: 64, bottom: 64, left: 64, right: 64, background: grey }
  const picture = aligned
    ? sharp(path).extend(room)
    : sharp(path).autoOrient().resize(480, 480, { fit: 'inside', withoutEnlargement: true })
  return picture.removeAlpha().png().toBuffer()
}

const random = (seed) => {
  let state = (seed * 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
/** A line of `length` pixels at an angle, as a kernel. */
function motion(length, angle) {
  const side = 2 * Math.ceil(length / 2) + 1
  const middle = (side - 1) / 2
  const kernel = new Array(side * side).fill(0)
  for (let t = -length / 2; t <= length / 2; t += 0.25) {
    const x = Math.round(middle + t * Math.cos(angle))
    const y = Math.round(middle + t * Math.sin(angle))
    kernel[y * side + x] += 1
  }
  return { width: side, height: side, kernel, scale: kernel.reduce((sum, one) => sum + one, 0) }
}
async function noisy(bytes, sigma, seed) {
  const next = random(seed + 1)
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  const noise = () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next())
  const pixels = data.map((value) =>
    Math.max(0, Math.min(255, Math.round(value + sigma * noise()))),
  )
  return sharp(pixels, { raw: info }).png().toBuffer()
}

/** Each gets the picture (bytes, size and the distance of the eyes in it) and a seed, and gives another. */
const resized = ({ bytes, width, eyes }, to) =>
  sharp(bytes).resize(Math.max(8, Math.round((width * to) / eyes)), null, { kernel: 'cubic' })
const kinds = {
  whole: ({ bytes }) => bytes,
  ...Object.fromEntries(
    [5, 7, 9, 11, 13, 16, 20, 26].map((to) => [
      `eyes ${to}`,
      (one) => resized(one, to).png().toBuffer(),
    ]),
  ),
  ...Object.fromEntries(
    [6, 9, 12, 16].map((to) => [
      `eyes ${to}, enlarged`,
      async (one) =>
        sharp(await resized(one, to).png().toBuffer())
          .resize(one.width, null, { kernel: 'cubic' })
          .png()
          .toBuffer(),
    ]),
  ),
  ...Object.fromEntries(
    [0.03, 0.05, 0.08, 0.12, 0.2].map((share) => [
      `gaussian ${share}`,
      ({ bytes, eyes }) =>
        sharp(bytes)
          .blur(Math.max(0.3, share * eyes))
          .png()
          .toBuffer(),
    ]),
  ),
  ...Object.fromEntries(
    [0.15, 0.3, 0.5, 0.8].map((share) => [
      `motion ${share}`,
      ({ bytes, eyes }, seed) =>
        sharp(bytes)
          .convolve(motion(Math.max(2, share * eyes), Math.PI * random(seed)()))
          .png()
          .toBuffer(),
    ]),
  ),
  ...Object.fromEntries(
    [30, 10, 5, 3].map((quality) => [
      `jpeg ${quality}, eyes 24`,
      (one) => resized(one, 24).jpeg({ quality }).toBuffer(),
    ]),
  ),
  ...Object.fromEntries(
    [20, 50].map((sigma) => [
      `noise ${sigma}, eyes 24`,
      async (one, seed) => noisy(await resized(one, 24).png().toBuffer(), sigma, seed),
    ]),
  ),
  'eyes 12, jpeg 20': (one) => resized(one, 12).jpeg({ quality: 20 }).toBuffer(),
  'eyes 12, noise 20': async (one, seed) =>
    noisy(await resized(one, 12).png().toBuffer(), 20, seed),
  'dark, noise 20': async ({ bytes }, seed) =>
    noisy(await sharp(bytes).linear(0.15, 5).png().toBuffer(), 20, seed),
  'turned 90': ({ bytes }) => sharp(bytes).rotate(90).png().toBuffer(),
  'turned 180': ({ bytes }) => sharp(bytes).rotate(180).png().toBuffer(),
}

const recognizer = await Recognizer.open({ model, ...(detector && { detector }), quality: false })
const limits = limitsOf()
const embedded = async (source) => (await recognizer.embed(source, { faces: 'largest' }))[0]
const sources = []
for (const photo of photos) {
  const bytes = await open(photo)
  const { width } = await sharp(bytes).metadata()
  const face = await embedded(bytes)
  if (face) sources.push({ ...photo, bytes, width, eyes: face.quality.eyes })
}
/** What was found in all pictures of a kind. */
async function facesOf(make) {
  const faces = []
  for (let i = 0; i < sources.length; i += BATCH) {
    const some = sources.slice(i, i + BATCH).map(async (source, k) => {
      const face = await embedded(await make(source, i + k))
      const { person } = source
      return (
        face && { person, rejected: rejectionsOf(face.quality, limits), embedding: face.embedding }
      )
    })
    faces.push(...(await Promise.all(some)).filter((face) => face !== undefined))
  }
  return faces
}
/** Cosines of all pairs of two people, the highest first. */
function strangers(faces) {
  const cosines = []
  for (const [i, a] of faces.entries())
    for (const b of faces.slice(i + 1))
      if (a.person !== b.person)
        cosines.push(a.embedding.reduce((sum, value, k) => sum + value * b.embedding[k], 0))
  return cosines.sort((a, b) => b - a)
}

let threshold
for (const [kind, make] of Object.entries(kinds)) {
  const isWanted = new RegExp(wanted).test(kind)
  if (!isWanted && threshold !== undefined) continue
  const faces = await facesOf(make)
  const good = faces.filter(({ rejected }) => rejected.length === 0)
  const [all, passed] = [strangers(faces), strangers(good)]
  threshold ??= all[Math.floor(all.length * FAR)] // the first kind is whole
  if (!isWanted) continue
  const fmr = (cosines) =>
    cosines.length === 0
      ? ''
      : (cosines.filter((value) => value > threshold).length / cosines.length).toFixed(5)
  const row = {
    model,
    detector: detector?.split(/[\\/]/).at(-1) ?? "the model's own",
    kind,
    people: new Set(sources.map(({ person }) => person)).size,
    pictures: sources.length,
    found: faces.length,
    passed: good.length,
    threshold: threshold.toFixed(4),
    pairs: all.length,
    fmr: fmr(all),
    passed_pairs: passed.length,
    passed_fmr: fmr(passed),
  }
  record('poor-faces', row)
  console.log(row.kind.padEnd(20), row.found, row.passed, row.fmr, row.passed_fmr, row.passed_pairs)
}
await recognizer.close()
