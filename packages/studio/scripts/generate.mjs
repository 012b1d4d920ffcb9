// What a configuration of a training may hold, and the examples, as the command says it: the form is made of it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const arcface = fileURLToPath(new URL('../../cli/bin/arcface.js', import.meta.url))
const out = fileURLToPath(
  new URL('../src/pages/training/start/generated/description.json', import.meta.url),
)
const { status, stdout, stderr } = spawnSync(process.execPath, [arcface, 'train', '--schema'], {
  encoding: 'utf8',
})
if (status !== 0) throw new Error(stderr)
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, stdout)
