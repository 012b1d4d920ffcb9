import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// The walls that the linter cannot see whole: arrows between rooms, between files and between the folders of a room, types
// included; see CONTRIBUTING.md, Rooms.

const root = resolve(import.meta.dirname, '../../..')

/** What each room may import of the others; `evaluate` of itself only what runs anywhere, its folder `run` more. */
const MAY: Record<string, readonly string[]> = {
  onnx: [],
  vision: ['onnx'],
  files: [],
  libtorch: ['files'],
  data: ['onnx', 'vision', 'files'],
  evaluate: ['onnx', 'vision'],
  'evaluate/run': ['onnx', 'vision', 'files', 'data'],
  recognize: ['onnx', 'vision', 'files', 'data', 'evaluate'],
  gallery: ['onnx', 'vision', 'files', 'recognize'],
  browser: ['onnx', 'vision'],
  train: ['onnx', 'vision', 'files', 'libtorch', 'data', 'evaluate'],
  server: ['onnx', 'vision', 'files', 'evaluate', 'recognize', 'gallery'],
  studio: ['onnx', 'vision', 'evaluate', 'browser', 'server'],
  cli: 'onnx vision files libtorch data evaluate recognize gallery train server'.split(' '),
}
const ROOMS = Object.keys(MAY).filter((room) => !room.includes('/'))

interface File {
  /** Below the room's `src`. */
  readonly path: string
  /** As they are written; dynamic ones and types too. */
  readonly imports: readonly string[]
}

const isTest = ({ path }: File) => /\.test\.|^testing\//.test(path)

/** All sources, with tests and what tests share. */
function sourcesOf(room: string): File[] {
  const src = join(root, 'packages', room, 'src')
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.d\.ts$/.test(path))
    .map((path) => {
      const text = readFileSync(join(src, path), 'utf8')
      const written = ts.preProcessFile(text, true, true).importedFiles
      const types = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, name]) => name!)
      return { path, imports: [...written.map(({ fileName }) => fileName), ...types] }
    })
}

/** The rooms that are compiled before `room`, by the references of TypeScript. */
function compiledBefore(room: string): Set<string> {
  const file = join(root, 'packages', room, 'tsconfig.json')
  const { config } = ts.readConfigFile(file, (path) => readFileSync(path, 'utf8'))
  const { references = [] } = config as { references?: { path: string }[] }
  const near = references.map(({ path }) => relative('..', path))
  return new Set(near.flatMap((one) => [one, ...compiledBefore(one)]))
}

/** Ways round: each list of names imports the next, and the last the first. */
function circles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const walk = (name: string, way: string[]) => {
    if (way.includes(name)) found.push(way.slice(way.indexOf(name)))
    if (done.has(name) || way.includes(name)) return
    for (const next of arrows.get(name) ?? []) walk(next, [...way, name])
    done.add(name)
  }
  for (const name of arrows.keys()) walk(name, [])
  return found
}

function arrowsOf(files: readonly File[], nameOf: (path: string) => string) {
  const arrows = new Map<string, Set<string>>()
  const paths = new Set(files.map(({ path }) => path))
  for (const { path, imports } of files)
    for (const written of imports.filter((one) => one.startsWith('.'))) {
      const plain = relative('.', join(dirname(path), written)).replace(/\.js$/, '.ts')
      const target = paths.has(plain) ? plain : plain.replace(/\.ts$/, '.tsx')
      const [from, to] = [nameOf(path), nameOf(target)]
      if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  return arrows
}

/** A file of the room itself stands alone. */
const folderOf = (path: string) => path.split('/')[0]!

describe.each(ROOMS)('%s', (room) => {
  const sources = sourcesOf(room)
  const files = sources.filter((file) => !isTest(file))

  it('imports no room that is not below it', () => {
    const upward = files.flatMap(({ path, imports }) => {
      const may = MAY[`${room}/${folderOf(path)}`] ?? MAY[room]!
      return imports
        .filter((one) => one.startsWith('@arcface/'))
        .filter((one) => !may.includes(one.split('/')[1]!))
        .map((one) => `${path}: ${one}`)
    })
    expect(upward).toEqual([])
  })

  it('has no files that import each other in a circle', () => {
    expect(circles(arrowsOf(files, (path) => path))).toEqual([])
  })

  it('has no folders that import each other in a circle', () => {
    // What gathers the room's exports is above all its folders.
    const inner = files.filter(({ path }) => !/(^|\/)index\.ts$/.test(path))
    expect(circles(arrowsOf(inner, folderOf))).toEqual([])
  })

  // The studio is compiled by itself, after all others.
  it.skipIf(room === 'studio')('is compiled after what it and its tests import', () => {
    const before = compiledBefore(room)
    const early = sources.flatMap(({ path, imports }) =>
      imports
        .filter((one) => one.startsWith('@arcface/'))
        .filter((one) => ![room, ...before].includes(one.split('/')[1]!))
        .map((one) => `${path}: ${one}`),
    )
    expect(early).toEqual([])
  })

  it('names in its package what it imports, and nothing else of ours', () => {
    const read = readFileSync(join(root, 'packages', room, 'package.json'), 'utf8')
    const { dependencies = {} } = JSON.parse(read) as { dependencies?: Record<string, string> }
    const imported = files
      .flatMap(({ imports }) => imports)
      .filter((one) => /^@arcface\//.test(one))
    const rooms = new Set(imported.map((one) => one.split('/').slice(0, 2).join('/')))
    const named = Object.keys(dependencies).filter((one) => one.startsWith('@arcface/'))
    expect(named.sort()).toEqual([...rooms].sort())
  })
})

it('tells a circle', () => {
  const arrows = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c', 'd'])],
    ['c', new Set(['a'])],
  ])
  expect(circles(arrows)).toEqual([['a', 'b', 'c']])
  expect(circles(new Map([['a', new Set(['b'])]]))).toEqual([])
})
