// Packs every room as a release does, and looks whether a stranger could use the packages.
//   node scripts/packages.mjs             what is in the tarballs; needs no network
//   node scripts/packages.mjs --install   and installs and uses them in empty projects, by Node 20, 22, 24, Bun and Deno
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackages } from './packages/check.mjs'
import { packAll } from './packages/pack.mjs'

const folder = mkdtempSync(join(tmpdir(), 'arcface-packages-'))
try {
  const { all, packed } = await packAll(folder)
  if (!(await checkPackages(packed))) process.exitCode = 1
  if (process.argv.includes('--install')) await install(all)
} finally {
  rmSync(folder, { recursive: true })
}

async function install(all) {
  const { serve } = await import('./packages/registry.mjs')
  const { bringRuntimes } = await import('./packages/runtimes.mjs')
  const use = await import('./packages/install.mjs')
  const { useCommand } = await import('./packages/command.mjs')
  const { usePage } = await import('./packages/page.mjs')
  const { randomDetector, randomEmbedder, tinyModel } = await import(
    '../packages/testing/dist/index.js'
  )
  const noise = readFileSync(new URL('./packages/use/noise.png', import.meta.url))
  const registry = await serve(all)
  try {
    const brought = await bringRuntimes(join(folder, 'runtimes'))
    const place = { folder, setting: registry.setting, step, ...brought }
    await Promise.all([
      use.useGallery(place).then(() =>
        useCommand(place, {
          model: tinyModel(),
          detector: randomDetector(),
          exported: join(folder, 'gallery/people.jsonl'),
          native: process.argv.includes('--native'),
        }),
      ),
      use
        .useEmbedding(place)
        .then(() => use.usePure(place))
        .then(() => use.useServer(place, { detector: randomDetector(), photo: noise }))
        .then(() => use.useTorch(place))
        .then(() => usePage(place, { detector: randomDetector(), embedder: randomEmbedder() })),
    ])
  } finally {
    registry.close()
  }
}

async function step(name, work) {
  const start = performance.now()
  try {
    const said = (await work()) ?? 'done'
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${name.padEnd(52)} ${said}  (${seconds} s)`)
  } catch ({ message }) {
    console.error(`${name.padEnd(52)} FAILED\n${message}`)
    process.exitCode = 1
  }
}
