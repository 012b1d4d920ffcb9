// All benchmarks, one after the other; each is a program of its own.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

for (const name of [
  'bridge',
  'kernels',
  'sgd',
  'head',
  'step',
  'losses',
  'protocols',
  'loader',
  'ranks',
]) {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url))
  if (!existsSync(file)) continue
  console.log(`== ${name}`)
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
