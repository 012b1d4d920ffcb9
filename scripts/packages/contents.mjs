// What has to be true of each tarball: nothing in it that no one needs, nothing missing that its manifest promises, and
// every package that it imports declared.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { needs, ROOT } from './rooms.mjs'

const WANTED =
  /^(package\.json|README\.md|LICENSE|dist\/.+\.js|dist\/.+\.d\.ts|bin\/.+\.js|native\/.+)$/
/** The built page of the studio, which the server hands out. */
const STUDIO = /^studio\/(index\.html|assets\/[^/]+\.(js|css|svg|wasm)(\.gz|\.br)?)$/
const UNWANTED = /(^|\/)testing\/|\.test\.|\.map$/
const LIFECYCLE = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack']
const builtin = new Set(builtinModules)

/** @returns {string[]} what is wrong, empty if nothing is */
export function contentTroubles(room, version) {
  const { manifest, files, folder } = room
  const there = new Set(files)
  const troubles = []
  const demand = (condition, text) => condition || troubles.push(text)

  for (const path of files) {
    const isStudio = manifest.name === '@arcface/server' && STUDIO.test(path)
    demand(
      isStudio || (WANTED.test(path) && !UNWANTED.test(path)),
      `${path} does not belong in the package`,
    )
  }
  const whole = manifest.name === '@arcface/server' ? ['studio/index.html'] : []
  for (const path of ['README.md', 'LICENSE', ...whole])
    demand(there.has(path), `${path} is missing`)
  if (there.has('LICENSE'))
    demand(
      readFileSync(join(folder, 'LICENSE'), 'utf8') === readFileSync(join(ROOT, 'LICENSE'), 'utf8'),
      "LICENSE is not the repository's",
    )

  demand(manifest.type === 'module', 'type is not "module"')
  demand(manifest.version === version, `version is ${manifest.version}, the root's is ${version}`)
  for (const [name, range] of Object.entries(needs(manifest)))
    if (name.startsWith('@arcface/'))
      demand(range === version, `needs ${name} ${range}, which is not the root's ${version}`)
  for (const key of ['name', 'version', 'description', 'license', 'engines', 'exports', 'files'])
    demand(manifest[key] !== undefined, `package.json has no ${key}`)
  for (const name of LIFECYCLE)
    demand(manifest.scripts?.[name] === undefined, `package.json has the lifecycle script ${name}`)
  for (const [path, target] of Object.entries(manifest.exports ?? {})) {
    const conditions = Object.keys(target)
    demand(
      conditions[0] === 'types' && conditions.at(-1) === 'default',
      `exports of ${path}: types have to come first, default last`,
    )
    for (const file of Object.values(target))
      demand(there.has(posix.normalize(file)), `exports of ${path}: ${file} is not in the package`)
  }
  for (const file of Object.values(manifest.bin ?? {}))
    demand(there.has(posix.normalize(file)), `bin: ${file} is not in the package`)

  const imports = importsOf(room)
  troubles.push(...sideEffectTroubles(manifest, there, imports))
  const declared = new Set([manifest.name, ...Object.keys(needs(manifest))])
  const optional = new Set(Object.keys(manifest.peerDependenciesMeta ?? {}))
  for (const { file, name, later } of imports) {
    if (name.startsWith('.')) {
      const target = posix.join(posix.dirname(file), name)
      demand(there.has(target), `${file} imports ${name}, which is not in the package`)
    } else if (!name.startsWith('node:') && !builtin.has(name))
      demand(declared.has(packageOf(name)), `${file} imports ${name}, which is not declared`)
    // A sub-export that bears its name is for those who have it.
    const isForIt = manifest.exports?.[`./${name}`]?.default === `./${file}`
    demand(
      later || !optional.has(packageOf(name)) || isForIt,
      `${file} needs ${name}, which may be missing`,
    )
  }
  return troubles
}

const packageOf = (name) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

/** What all files import: for its effects alone (`import './x.js'`) or not, when they are loaded or later (`import('x')`). */
function importsOf({ files, folder }) {
  return files
    .filter((path) => /\.(js|ts)$/.test(path) && !STUDIO.test(path))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return ts.preProcessFile(text).importedFiles.map(({ fileName: name, pos }) => ({
        file,
        name,
        forEffect: /(^|\n)import ['"]?$/.test(text.slice(0, pos)),
        // Whether a caller's types reach a declaration, the compiler is asked.
        later: file.endsWith('.d.ts') || /\bimport\(['"]?$/.test(text.slice(0, pos)),
      }))
    })
}

/** Bundlers leave out what nobody uses, unless it is named here. */
function sideEffectTroubles({ sideEffects, exports }, there, imports) {
  if (sideEffects === undefined) return ['package.json does not say sideEffects']
  const named = new Set((sideEffects || []).map((path) => posix.normalize(path)))
  const threads = Object.entries(exports ?? {})
    .filter(([path]) => path.endsWith('-worker'))
    .map(([, target]) => posix.normalize(target.default))
  const effective = imports
    .filter(
      ({ forEffect, name, file }) => forEffect && name.startsWith('.') && file.endsWith('.js'),
    )
    .map(({ file, name }) => posix.join(posix.dirname(file), name))
  return [
    ...[...named]
      .filter((path) => !there.has(path))
      .map((path) => `sideEffects names ${path}, which is not in the package`),
    ...[...new Set([...threads, ...effective])]
      .filter((path) => !named.has(path))
      .map((path) => `sideEffects does not name ${path}, which is there for its effects`),
  ]
}
