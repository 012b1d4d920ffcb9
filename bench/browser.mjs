// Ours in a page beside @vladmandic/human in another of the same Chromium, both on WebAssembly, each with its own models;
// rounds take turns. What is measured is told in the files of browser/: speed, first (of a visit, and its bytes), accuracy beside
// Node, camera (frames a second, memory), exported (a model of `arcface export`).
// node bench/browser.mjs --photos DIR [--measure speed,first] [--rounds 7] [--count 40]
// human and TensorFlow.js' WebAssembly are installed from npm in a temporary folder, or found in HUMAN, a folder with
// node_modules. CHROMIUM names the browser.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { accuracy } from './browser/accuracy.mjs'
import { camera } from './browser/camera.mjs'
import { exported } from './browser/exported.mjs'
import { first } from './browser/first.mjs'
import { packFolder } from './browser/models.mjs'
import { installHuman, siteFiles } from './browser/site.mjs'
import { speed } from './browser/speed.mjs'
import { record } from './harness.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    photos: text,
    faces: text,
    pairs: text,
    model: text,
    calibrate: text,
    imagenet: { type: 'boolean', default: false },
    frames: { ...text, default: '2000' },
    measure: { ...text, default: 'speed,first' },
    rounds: { ...text, default: '7' },
    count: { ...text, default: '40' },
  },
})
const { photos, count, rounds } = values
const all = readdirSync(photos, { recursive: true })
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
const names = all.slice(0, Number(count))
// One of each folder, so of other people.
const people = [...new Map(all.map((name) => [dirname(name), join(photos, name)])).values()]
const human = installHuman(join(tmpdir(), 'arcface-bench-human'))
const { version } = JSON.parse(
  readFileSync(join(human, 'node_modules/@vladmandic/human/package.json'), 'utf8'),
)
const files = await siteFiles({ pack: await packFolder(), photos, human })
const works = { speed, first, accuracy, camera, exported }
const given = {
  files,
  names,
  rounds: Number(rounds),
  version,
  faces: values.faces,
  model: values.model,
  imagenet: values.imagenet,
  calibrate: values.calibrate,
  pairs: values.pairs,
  people,
  folder: mkdtempSync(join(tmpdir(), 'bench-browser-')),
  frames: Number(values.frames),
}
for (const name of values.measure.split(','))
  for (const row of await works[name](given)) record(`browser-${name}`, row)
