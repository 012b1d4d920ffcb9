// The site of the benchmark: a page of ours and one of the peer, both built by Vite, the models of each, photographs.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@arcface/testing'
import { buildPage, serveSite } from '@arcface/testing/chromium'

const HUMAN = ['@vladmandic/human@3.3.6', '@tensorflow/tfjs-backend-wasm@4.22.0']
const read = (name) => readFileSync(new URL(`pages/${name}`, import.meta.url))

/** A page of pages/ with what it imports. @param external what the site serves as it is */
function build(name, external = []) {
  const files = {
    'main.js': read(name),
    'bench.js': read('bench.js'),
    'human-config.mjs': read('../../peers/human-config.mjs'),
  }
  return buildPage(files, { base: './', build: { rolldownOptions: { external } } })
}

/** The page that embeds aligned faces, of the files that @arcface/browser is made of. */
export function buildAligned() {
  const files = { 'main.js': read('aligned.js'), 'aligned-worker.js': read('aligned-worker.js') }
  const alias = { '#browser': join(REPOSITORY, 'packages/browser/dist') }
  return buildPage(files, { base: './', resolve: { alias }, worker: { format: 'es' } })
}

export const buildCamera = () => buildPage({ 'main.js': read('camera.js') }, { base: './' })

/** @returns the folder with human and the WebAssembly of TensorFlow.js in node_modules: HUMAN's, or installed in `folder` */
export function installHuman(folder) {
  if (process.env.HUMAN) return process.env.HUMAN
  if (existsSync(join(folder, 'node_modules'))) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{}')
  execFileSync('npm', ['install', '--ignore-scripts', '--silent', ...HUMAN], { cwd: folder })
  return folder
}

/** What the site is made of. @param pack folder of a model pack */
export async function siteFiles({ pack, photos, human }) {
  const modules = join(human, 'node_modules')
  return {
    'ours/': await build('ours.js'),
    // As it is published: minified once more, its threads do not start.
    'human/': await build('human.js', ['/human-dist/human.esm.js']),
    'human-dist/': join(modules, '@vladmandic/human/dist/'),
    'models/': pack,
    'human-models/': join(modules, '@vladmandic/human/models/'),
    'human-wasm/': join(modules, '@tensorflow/tfjs-backend-wasm/wasm-out/'),
    'photos/': photos,
  }
}

/** Serves it as hosts do: text and WebAssembly gzipped, kept by the browser. */
export const serve = (files, isolated) =>
  serveSite(files, { isolated, gzip: true, headers: { 'cache-control': 'max-age=86400' } })
