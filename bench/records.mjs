// Images a second that our Loader brings from a .rec into batches of 128: by augmentation and by decoding threads, nothing
// cached, each in turns; and how long a batch that lies ready takes the thread of the training.
// node bench/records.mjs [--rounds 5] [--images DIR]; DIR holds folders of people, by default synthetic ones are drawn.
// What a GPU needs: r50 in bfloat16 some 3,000 a second on an H100.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { jpegDecoder, Loader, openFolders, synthesizeFaces, writeRecords } from '@arcface/data'
import { median, record } from './harness.mjs'

const BATCH = 128
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, images: { type: 'string' } },
})
const moved = { translate: 4, scale: 0.1, rotate: 0.17 }
const adaface = {
  crop: { probability: 0.2, minArea: 0.2 },
  lowResolution: { probability: 0.2, minSide: 22 },
  colorJitter: { probability: 0.2, brightness: 0.5, contrast: 0.5, saturation: 0.5 },
}
const rest = {
  blur: { probability: 0.2, minSigma: 0.5, maxSigma: 2 },
  grayscale: 0.1,
  cutout: { probability: 0.2, minSize: 0.1, maxSize: 0.4 },
}
const augmentations = { flip: {}, moved, adaface, all: { ...moved, ...adaface, ...rest } }
const folder = mkdtempSync(join(tmpdir(), 'records-'))
try {
  const faces = values.images ?? join(folder, 'faces')
  if (values.images === undefined)
    await synthesizeFaces(faces, { people: 64, imagesPerPerson: 32, seed: 1 })
  const { classes, samples: files } = openFolders([faces])
  const images = (person) => files.filter(({ label }) => label === person).map(({ path }) => path)
  const path = join(folder, 'train.rec')
  writeRecords(
    path,
    classes.map((name, person) => ({ name, images: images(person) })),
  )
  const { samples } = openFolders([path])
  const cases = [...new Set([1, availableParallelism()])].flatMap((workers) =>
    Object.entries(augmentations).map(([name, augment]) => open(samples, workers, name, augment)),
  )
  const rates = cases.map(() => [])
  const ready = []
  for (const { loader } of cases) ready.push(await askForReady(loader)) // and warms
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const [i, { loader }] of cases.entries()) rates[i].push(await epoch(loader, round))
  for (const [i, { workers, name, loader }] of cases.entries()) {
    await loader.close()
    const row = {
      decoder: jpegDecoder,
      data: values.images === undefined ? 'synthetic' : basename(values.images),
      workers,
      augment: name,
      images_per_s: Math.round(median(rates[i])),
      ready_batch_us: Math.round(ready[i]),
    }
    record('records', row)
    console.log(row)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function open(samples, workers, name, augment) {
  const options = { samples, batchSize: BATCH, seed: 1, workers, cacheBytes: 0 }
  return { workers, name, loader: new Loader({ ...options, augment: { flip: true, ...augment } }) }
}

/** Images a second of an epoch. */
async function epoch(loader, number) {
  const started = performance.now()
  let images = 0
  for await (const { labels } of loader.epoch(number)) images += labels.length
  return (1000 * images) / (performance.now() - started)
}

/** Microseconds that asking for a batch takes where the step before was so long that it lies ready: the least of an epoch. */
async function askForReady(loader) {
  let [least, asked] = [Number.POSITIVE_INFINITY, 0]
  for await (const _ of loader.epoch(0)) {
    if (asked > 0) least = Math.min(least, 1000 * (performance.now() - asked))
    await setTimeout(150)
    asked = performance.now()
  }
  return least
}
