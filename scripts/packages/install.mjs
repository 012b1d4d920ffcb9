// Installs the packed rooms into empty projects and uses them there, by everything that runs JavaScript.
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import vm from 'node:vm'
import { build } from 'vite'
import { tinyModel } from '../../packages/testing/dist/index.js'
import { Project } from './project.mjs'
import { ROOT } from './rooms.mjs'

const USE = join(import.meta.dirname, 'use')
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
const typesVersion = createRequire(import.meta.url)('@types/node/package.json').version
const MB = 1e6
/** Of an installation that embeds by WebAssembly alone. */
const WASM_BYTES = 60 * MB

/**
 * @param folder outside the repository
 * @param setting of npm: where the rooms are
 * @param {{name: string, command: string[]}[]} runtimes
 * @param {(name: string, work: () => Promise<string | void>) => Promise<void>} step runs and reports one check
 */
export async function useInProjects({ folder, setting, runtimes, step }) {
  const project = async (name, files, ...packages) => {
    const made = new Project(join(folder, name), setting)
    for (const file of files) cpSync(join(USE, file), join(made.folder, file))
    made.write('model.onnx', tinyModel())
    await step(`npm install ${packages.join(' ')}`, () => made.install(...packages))
    return made
  }
  const everywhere = async (made, file) => {
    for (const { name, command } of runtimes)
      await step(`${file} by ${name}`, () => done(made.run(command, file)))
  }

  const pure = await project(
    'pure',
    ['pure.mjs', 'typed-pure.ts'],
    '@arcface/onnx',
    '@arcface/vision',
    '@arcface/evaluate',
  )
  await everywhere(pure, 'pure.mjs')
  await step('pure.mjs in a page, built by Vite', () => bundled(pure))
  await typed(step, pure, 'typed-pure.ts', [])

  const embed = await project(
    'embed',
    ['embed.mjs', 'required.cjs'],
    '@arcface/recognize',
    'onnxruntime-node',
  )
  await everywhere(embed, 'embed.mjs')
  for (const { name, command } of runtimes.filter(({ name }) => name.startsWith('node')))
    await step(`required.cjs by ${name}`, () => done(embed.run(command, 'required.cjs')))
  await step('size: embedding', async () => {
    absent(embed, '@lancedb', '@arcface/gallery', '@arcface/libtorch', 'echarts')
    return megabytes(embed.size())
  })

  const wasm = await project(
    'wasm',
    ['embed.mjs'],
    '@arcface/recognize',
    'onnxruntime-web@npm:@arcface/onnxruntime-web',
  )
  await everywhere(wasm, 'embed.mjs')
  await step('size: WebAssembly only', async () => {
    absent(wasm, 'onnxruntime-node', 'protobufjs')
    const size = wasm.size()
    if (size > WASM_BYTES) throw new Error(`${megabytes(size)}, more than ${megabytes(WASM_BYTES)}`)
    return megabytes(size)
  })

  const lacking = await project('lacking', ['lacking.mjs'], '@arcface/gallery', '--omit=optional')
  await everywhere(lacking, 'lacking.mjs')

  const gallery = await project(
    'gallery',
    ['gallery.mjs', 'typed.ts'],
    '@arcface/gallery',
    'onnxruntime-node',
  )
  await everywhere(gallery, 'gallery.mjs')
  await step('size: with a gallery', async () => {
    absent(gallery, 'openai', '@huggingface', '@arcface/libtorch', 'echarts')
    return megabytes(gallery.size())
  })
  await gallery.install('@arcface/evaluate', `@types/node@${typesVersion}`)
  await typed(step, gallery, 'typed.ts', ['node'])

  const torch = await project('torch', ['torch.mjs'], '@arcface/libtorch')
  await step('torch.mjs without an add-on', () => done(torch.run([process.execPath], 'torch.mjs')))
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

/** Compiled as Node resolves and as bundlers do, with all checks of the libraries' types. */
async function typed(step, made, file, types) {
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])
    await step(`${file} by tsc, moduleResolution ${moduleResolution}`, async () => {
      const compilerOptions = {
        ...{ module, moduleResolution, types, target: 'es2022', noEmit: true, strict: true },
        ...{
          skipLibCheck: false,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
        },
      }
      made.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
      await made.run([process.execPath, tsc])
    })
}

/** @throws where the bundle asks for anything that a page does not have */
async function bundled({ folder }) {
  await build({
    root: folder,
    logLevel: 'error',
    build: {
      lib: { entry: 'pure.mjs', formats: ['es'], fileName: 'pure' },
      outDir: 'page',
      minify: false,
    },
  })
  const code = readFileSync(join(folder, 'page/pure.js'), 'utf8')
  if (/browser-external|^import\s/m.test(code)) throw new Error('it imports what a page has not')
  const said = []
  const { TextEncoder, TextDecoder } = globalThis
  vm.runInNewContext(`(async () => {${code}\n})()`, {
    console: { log: (text) => said.push(text) },
    TextEncoder,
    TextDecoder,
  })
  await new Promise(setImmediate)
  if (said[0] !== 'done') throw new Error('it did not run to its end')
  return `${(code.length / 1000).toFixed(0)} kB`
}
