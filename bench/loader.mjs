// Images a second that one core brings from JPEG files into batches: our Loader, torchvision's DataLoader with PIL,
// and bare libjpeg-turbo, which only decodes what lies in memory. 112 x 112, shuffled and flipped, nothing cached;
// every contestant is pinned to the same core, and they take turns of some epochs.
// node bench/loader.mjs [--images DIR] [--rounds 9]; DIR holds folders of people, by default synthetic ones are drawn.
// PYTHON names the python3 that has torchvision (default python3).
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { jpegDecoder, Loader, openFolders, synthesizeFaces } from '@arcface/data'
import { duel, record, serve, start } from './harness.mjs'

const BATCH = 128
// Epochs a turn: after a turn of the others the caches are theirs.
const TURN = 8
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { images: { type: 'string' }, rounds: { type: 'string', default: '9' } },
})

if (positionals.length > 0) await ours(positionals[0])
else await main()

/** An epoch of our loader a step; between two it holds nothing ready. */
async function ours(folder) {
  const { samples } = openFolders([folder])
  const options = { samples, batchSize: BATCH, seed: 1, augment: { flip: true }, cacheBytes: 0 }
  const loader = new Loader(options)
  let epoch = 0
  await serve({ decoder: jpegDecoder }, async () => {
    for await (const { labels } of loader.epoch(epoch++))
      if (labels.length !== BATCH) throw new Error('a batch is missing images')
  })
  await loader.close()
}

async function main() {
  const temporary = mkdtempSync(join(tmpdir(), 'loader-'))
  try {
    const folder = values.images ?? join(temporary, 'faces')
    if (values.images === undefined)
      await synthesizeFaces(folder, { people: 64, imagesPerPerson: 32, seed: 1 })
    const { samples } = openFolders([folder])
    const images = samples.length - (samples.length % BATCH)
    const bytes = samples.reduce((sum, { path }) => sum + statSync(path).size, 0) / samples.length
    const list = join(temporary, 'list.txt')
    writeFileSync(list, samples.map(({ path }) => `${path}\n`).join(''))
    const contestants = await startAll(folder, list, images)
    const seconds = await duel(contestants, { rounds: Number(values.rounds), steps: TURN })
    for (const one of contestants) one.stop()
    report(contestants, images, bytes, seconds)
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

async function startAll(folder, list, images) {
  const peer = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url))
  const bare = fileURLToPath(new URL('../build/bench/decode', import.meta.url))
  mkdirSync(dirname(bare), { recursive: true })
  execFileSync('c++', ['-O3', '-std=c++17', peer('decode.cpp'), '-ljpeg', '-o', bare])
  const python = process.env.PYTHON ?? 'python3'
  // One core for all threads and processes of a contestant.
  const pinned = (...command) => start('taskset', ['-c', '0', ...command])
  const all = [
    await pinned(process.execPath, fileURLToPath(import.meta.url), folder),
    await pinned(bare, list, String(images)),
  ]
  for (const workers of ['0', '1'])
    all.push(await pinned(python, peer('loader.py'), folder, String(BATCH), workers))
  for (const one of all) await one.run(1) // files into the page cache, code warm
  return all
}

function report([own, bare, python], images, bytes, seconds) {
  const [rate, bareRate, inline, worker] = seconds.map((s) => images / s)
  const torchvision = Math.max(inline, worker)
  record('loader', {
    decoder: own.hello.decoder,
    bare_libjpeg_turbo: bare.hello.version,
    torchvision: python.hello.torchvision,
    torch: python.hello.torch,
    pillow: python.hello.pillow,
    data: values.images === undefined ? 'synthetic' : basename(values.images),
    images,
    bytes_an_image: Math.round(bytes),
    batch: BATCH,
    ours_images_per_s: Math.round(rate),
    torchvision_0_workers_images_per_s: Math.round(inline),
    torchvision_1_worker_images_per_s: Math.round(worker),
    bare_images_per_s: Math.round(bareRate),
    ratio_to_torchvision: (rate / torchvision).toFixed(2),
    ratio_to_bare: (rate / bareRate).toFixed(2),
  })
  console.table({
    [`ours (${own.hello.decoder})`]: { 'images/s': Math.round(rate), ratio: 1 },
    'bare libjpeg-turbo': { 'images/s': Math.round(bareRate), ratio: rate / bareRate },
    'torchvision, PIL, in line': { 'images/s': Math.round(inline), ratio: rate / inline },
    'torchvision, PIL, one worker': { 'images/s': Math.round(worker), ratio: rate / worker },
  })
}
