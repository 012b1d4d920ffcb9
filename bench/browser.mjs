// Ours in a page beside @vladmandic/human in another of the same Chromium, both on WebAssembly, each with its own models;
// rounds take turns. What is measured is told in the files of browser/.
// node bench/browser.mjs --photos DIR [--measure speed] [--rounds 7] [--count 40]
// human and TensorFlow.js' WebAssembly are installed from npm in a temporary folder, or found in HUMAN, a folder with
// node_modules. CHROMIUM names the browser.
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packModels } from './browser/models.mjs'
import { installHuman, siteFiles } from './browser/site.mjs'
import { speed } from './browser/speed.mjs'
import { record } from './harness.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    photos: text,
    measure: { ...text, default: 'speed' },
    rounds: { ...text, default: '7' },
    count: { ...text, default: '40' },
  },
})
const { photos, count, rounds } = values
const names = readdirSync(photos, { recursive: true })
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
  .slice(0, Number(count))
const human = installHuman(join(tmpdir(), 'arcface-bench-human'))
const { version } = JSON.parse(
  readFileSync(join(human, 'node_modules/@vladmandic/human/package.json'), 'utf8'),
)
const files = await siteFiles({ models: await packModels(), photos, human })
for (const row of await speed({ files, names, rounds: Number(rounds), version }))
  record('browser-speed', row)
