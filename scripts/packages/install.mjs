// Installs the packed rooms into empty projects and uses them there, by everything that runs JavaScript.
import assert from 'node:assert/strict'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { tinyModel } from '../../packages/testing/dist/index.js'
import { bundled, typed } from './compile.mjs'
import { Project } from './project.mjs'

const USE = join(import.meta.dirname, 'use')
const typesVersion = createRequire(import.meta.url)('@types/node/package.json').version
const MB = 1e6
/** Of an installation that embeds by WebAssembly alone. */
const WASM_BYTES = 60 * MB

/**
 * Where and with what the projects are tried.
 * @typedef {object} Place
 * @property {string} folder outside the repository
 * @property {string} setting of npm: where the rooms are
 * @property {{name: string, command: string[]}[]} runtimes
 * @property {string[]} old a Node too old
 * @property {(name: string, work: () => Promise<string | void>) => Promise<void>} step runs and reports one check
 */

/** @param {Place} place */
export async function usePure(place) {
  const { step } = place
  const pure = await project(
    place,
    'pure',
    ['pure.mjs', 'typed-pure.ts'],
    ['@arcface/onnx', '@arcface/vision', '@arcface/evaluate'],
  )
  await everywhere(place, pure, 'pure.mjs')
  await step('pure.mjs in a page, built by Vite', () => bundled(pure))
  await typed(step, pure, 'typed-pure.ts', [])
}

/** @param {Place} place */
export async function useEmbedding(place) {
  const { step, runtimes } = place
  const embed = await project(
    place,
    'embed',
    ['embed.mjs', 'required.cjs'],
    ['@arcface/recognize', 'onnxruntime-node'],
  )
  await everywhere(place, embed, 'embed.mjs')
  for (const { name, command } of runtimes.filter(({ name }) => name.startsWith('node')))
    await step(`required.cjs by ${name}`, () => done(embed.run(command, 'required.cjs')))
  await step('size: embedding', async () => {
    absent(embed, '@lancedb', '@arcface/gallery', '@arcface/libtorch', 'echarts')
    return megabytes(embed.size())
  })

  const wasm = await project(
    place,
    'wasm',
    ['embed.mjs'],
    ['@arcface/recognize', 'onnxruntime-web@npm:@arcface/onnxruntime-web'],
  )
  await everywhere(place, wasm, 'embed.mjs')
  await step('size: WebAssembly only', async () => {
    absent(wasm, 'onnxruntime-node', 'protobufjs')
    const size = wasm.size()
    if (size > WASM_BYTES) throw new Error(`${megabytes(size)}, more than ${megabytes(WASM_BYTES)}`)
    return megabytes(size)
  })
}

/** Leaves an export in `people.jsonl`. @param {Place} place */
export async function useGallery(place) {
  const { step } = place
  const gallery = await project(
    place,
    'gallery',
    ['gallery.mjs', 'lacking.mjs', 'typed.ts'],
    ['@arcface/gallery', 'onnxruntime-node'],
  )
  await everywhere(place, gallery, 'gallery.mjs')
  await step('gallery.mjs by a Node too old', () =>
    assert.rejects(gallery.run(place.old, 'gallery.mjs'), /Node 20\.15 or newer.*FILES_NODE/s),
  )
  await step('size: with a gallery', async () => {
    absent(gallery, 'openai', '@huggingface', '@arcface/libtorch', 'echarts')
    return megabytes(gallery.size())
  })
  await step('npm install @arcface/evaluate, in the same project', () =>
    gallery.install('@arcface/evaluate', `@types/node@${typesVersion}`),
  )
  await typed(step, gallery, 'typed.ts', ['node'])
  for (const name of ['onnxruntime-node', '@lancedb'])
    rmSync(join(gallery.folder, 'node_modules', name), { recursive: true })
  await everywhere(place, gallery, 'lacking.mjs')
}

/** @param {Place} place @param detector bytes of one, with YuNet's outputs @param photo a PNG in which it finds faces */
export async function useServer(place, { detector, photo }) {
  const { step, runtimes } = place
  const server = await project(
    place,
    'server',
    ['server.mjs', 'typed-server.ts'],
    ['@arcface/server', 'onnxruntime-node', `@types/node@${typesVersion}`],
  )
  server.write('detector.onnx', detector)
  server.write('noise.png', photo)
  for (const { name, command } of runtimes.filter(({ name }) => name.startsWith('node')))
    await step(`server.mjs by ${name}`, () => done(server.run(command, 'server.mjs')))
  await step('size: a server', async () => {
    absent(server, '@arcface/libtorch', 'echarts')
    return megabytes(server.size())
  })
  await typed(step, server, 'typed-server.ts', ['node'])
}

/** @param {Place} place */
export async function useTorch(place) {
  const torch = await project(place, 'torch', ['torch.mjs'], ['@arcface/libtorch'])
  await place.step('torch.mjs without an add-on', () =>
    done(torch.run([process.execPath], 'torch.mjs')),
  )
}

async function project({ folder, setting, step }, name, files, packages) {
  const made = new Project(join(folder, name), setting)
  for (const file of files) cpSync(join(USE, file), join(made.folder, file))
  made.write('model.onnx', tinyModel())
  await step(`npm install ${packages.join(' ')}`, () => made.install(...packages))
  return made
}

async function everywhere({ runtimes, step }, made, file) {
  for (const { name, command } of runtimes)
    await step(`${file} by ${name}`, () => done(made.run(command, file)))
}

async function done(output) {
  const text = await output
  if (!/^done$/m.test(text)) throw new Error(`it printed ${JSON.stringify(text)}`)
}

const megabytes = (bytes) => `${(bytes / MB).toFixed(0)} MB`

function absent({ folder }, ...names) {
  for (const name of names)
    if (existsSync(join(folder, 'node_modules', name))) throw new Error(`${name} came along`)
}
