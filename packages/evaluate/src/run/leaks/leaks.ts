import { lstatSync, readdirSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { FilesError, InputFile, readSafetensorsHeader, readText, unreadable } from '@arcface/files'
import { OnnxError } from '@arcface/onnx'
import { imageFormat, SIGNATURE } from '@arcface/vision'
import { telling, type WorkOptions } from '../work.js'
import type { Leak, LeakKind } from './findings.js'
import { textsOfOnnx } from './onnx.js'
import { isName, namesIn, pathsIn, picturesIn, withoutData } from './text.js'

/** Larger files are no text that people wrote. */
const LONGEST = 1 << 28

/** Names of people that a run keeps. */
const CLASSES = 'classes.json'

export interface LeaksFound {
  /** Files that were looked through. */
  readonly files: number
  readonly leaks: readonly Leak[]
}

/**
 * Looks through a run's folder, or any file or folder that is to be published, for what it would give away of the people who
 * were trained on and of the machine. Nothing is changed; links are not followed out of the folder.
 * @throws FilesError FILES_READ where nothing is there
 */
export async function findLeaks(path: string, work: WorkOptions = {}): Promise<LeaksFound> {
  let isFolder: boolean
  try {
    isFolder = statSync(path).isDirectory()
  } catch (cause) {
    throw unreadable(path, cause)
  }
  const files = isFolder ? [...filesIn(path)].sort() : [path]
  const names = namesOf(files.filter((file) => basename(file) === CLASSES))
  const tell = telling(work, 'files')
  const leaks: Leak[] = []
  for (const [i, file] of files.entries()) {
    const called = isFolder ? relative(path, file) : basename(file)
    const add = (kind: LeakKind, found: string) => leaks.push({ kind, file: called, found })
    try {
      lookAtName(called, add)
      await lookInto(file, names, add)
    } catch (error) {
      if (!(error instanceof FilesError || error instanceof OnnxError)) throw error
      add('unread', error.message)
    }
    tell(i + 1, files.length)
  }
  return { files: files.length, leaks }
}

function* filesIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const found = lstatSync(path)
    if (found.isDirectory()) yield* filesIn(path)
    else if (found.isFile()) yield path
    // A link within the folder leads to what is looked at anyway; one out of it would be published as a link.
  }
}

function namesOf(lists: readonly string[]): Set<string> {
  const read = lists.flatMap((list): unknown[] => {
    try {
      const json: unknown = JSON.parse(readText(list))
      return Array.isArray(json) ? json : []
    } catch (error) {
      // Whatever else it is, it is looked through as text.
      if (error instanceof SyntaxError || error instanceof FilesError) return []
      throw error
    }
  })
  return new Set(read.filter((one): one is string => typeof one === 'string' && isName(one)))
}

type Add = (kind: LeakKind, found: string) => void

/** TensorBoard's and a lock's names hold those of the machine. */
function lookAtName(file: string, add: Add): void {
  const name = basename(file)
  if (/^events\.out\.tfevents\.\d+\.[^.]+/.test(name) || /^\.lock\.\w/.test(name))
    add('machine', 'in the name of the file')
}

async function lookInto(path: string, names: ReadonlySet<string>, add: Add): Promise<void> {
  using file = new InputFile(path)
  if (typeof imageFormat(file.read(0, SIGNATURE)) === 'string') return add('picture', 'a picture')
  if (/\.safetensors$/.test(path)) return lookIntoTensors(file, add)
  if (/\.onnx$/.test(path)) {
    const { text, heads } = await textsOfOnnx(path)
    for (const head of heads) add('centres', `weights called ${head}`)
    return lookIntoText(text, names, add)
  }
  if (file.size > LONGEST) return add('unread', `${Math.round(file.size / 1e6)} MB`)
  lookIntoText(file.read(0, file.size).toString('utf8'), names, add)
}

function lookIntoTensors(file: InputFile, add: Add): void {
  const { tensors, metadata } = readSafetensorsHeader(file)
  const shapes = [...tensors].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
  const name = basename(file.path)
  if (/^optimizer\b/.test(name)) add('optimizer', `${tensors.size} tensors`)
  else if (/^head\b/.test(name)) add('centres', shapes.join(', '))
  else if (metadata.teacher !== undefined || /^teacher\b/.test(name))
    add('templates', shapes.join(', '))
  else for (const one of shapes) if (/^head\./.test(one)) add('centres', one)
  for (const value of Object.values(metadata)) lookIntoText(value, new Set(), add)
}

function lookIntoText(text: string, names: ReadonlySet<string>, add: Add): void {
  const pictures = picturesIn(text)
  if (pictures > 0) add('picture', `${pictures} pictures in it`)
  const said = withoutData(text)
  const people = namesIn(said, names).size
  if (people > 0) add('names', `${people} of ${names.size} names`)
  const paths = pathsIn(said)
  if (paths.length > 0)
    add('path', `${paths.length} absolute ${paths.length === 1 ? 'path' : 'paths'}, as ${paths[0]}`)
}
