import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { tinyModel } from '@arcface/testing'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)
const worker = require.resolve('@arcface/recognize/network-worker')
const external = [/^@arcface\/(?!recognize)/, /^onnxruntime/, 'sharp']

const modulesHere = dirname(dirname(require.resolve('onnxruntime-node/package.json')))
const installed = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, join(modulesHere, name)]))
const rooms = ['data', 'evaluate', 'files', 'onnx', 'vision'].map((room) => `@arcface/${room}`)
const others = installed('sharp', ...rooms)
const native = installed('onnxruntime-node')
const web = installed('onnxruntime-web')

/** Bundled the way products are, then run where only what was left out of the bundle is installed, and of ONNX Runtime these. */
async function bundled(
  entries: Record<string, string>,
  runtimes: Record<string, string> = native,
  env: Record<string, string> = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  const input = Object.fromEntries(
    Object.entries(entries).map(([name, code]) => {
      writeFileSync(join(folder, `${name}.in.mjs`), code)
      return [name, join(folder, `${name}.in.mjs`)]
    }),
  )
  const bundle = await rolldown({ input, external, platform: 'node', logLevel: 'silent' })
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].js' })
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@arcface'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const [name, path] of Object.entries({ ...others, ...runtimes }))
    symlinkSync(path, join(modules, name))
  writeFileSync(join(folder, 'model.onnx'), tinyModel())
  return execFileSync(process.execPath, ['main.js'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ARCFACE_BACKEND: '', ...env },
  }).trim()
}

const main = `
import { openEmbedder } from ${JSON.stringify(require.resolve('@arcface/recognize'))}
try {
  const embedder = await openEmbedder('model.onnx')
  console.log((await embedder.embed(new Uint8Array(112 * 112 * 3).fill(9), 1)).length)
  await embedder.close()
} catch ({ code, message, hint }) {
  console.log(code, message, hint)
}`
const entries = { main, 'network-worker': `import ${JSON.stringify(worker)}` }

describe('a bundle', () => {
  it('without the thread of networks says what to do', async () => {
    expect(await bundled({ main })).toMatch(
      /^FILES_WORKER the thread .* bundle.* external.*network-worker\.js beside/,
    )
  })

  it('with it beside embeds', async () => {
    expect(await bundled(entries)).toBe('4')
  })
})

describe('where ONNX Runtime', () => {
  it('is WebAssembly only, that embeds', async () => {
    expect(await bundled(entries, web)).toBe('4')
  })

  it('is not installed, both ways to install it are said', async () => {
    expect(await bundled(entries, {})).toMatch(
      /^RECOGNIZE_BACKEND .* not installed npm install onnxruntime-node .* npm install onnxruntime-web/,
    )
  })

  it.each([
    ['node', 'onnxruntime-node', web],
    ['wasm', 'onnxruntime-web', native],
  ])(
    'is not installed as the backend %s, which is asked for, that is said',
    async (backend, name, runtimes) => {
      expect(await bundled(entries, runtimes, { ARCFACE_BACKEND: backend })).toMatch(
        `RECOGNIZE_BACKEND backend ${backend}: ${name} is not installed npm install ${name}`,
      )
    },
  )

  it('is not for this system, the other backend is named', async () => {
    const foreign = mkdtempSync(join(tmpdir(), 'foreign-'))
    writeFileSync(join(foreign, 'index.js'), 'throw new Error("made for another system")')
    expect(await bundled(entries, { 'onnxruntime-node': foreign })).toMatch(
      /^RECOGNIZE_BACKEND backend node: made for another system .*npm install onnxruntime-web/,
    )
  })
})
