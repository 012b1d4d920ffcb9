import type { Dirent } from 'node:fs'
import { open, opendir, readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { isPhotoName } from '@arcface/recognize'
import { ServerError } from '../errors.js'
import { faultOf } from './place.js'
import type { Workspace } from './workspace.js'

export const ENTRY_KINDS = [
  'folder',
  'run',
  'ablation',
  'people',
  'image',
  'model',
  'config',
  'list',
  'pairs',
  'archive',
  'report',
  'file',
] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** What lies in a folder of the workspace. */
export interface Entry {
  readonly name: string
  readonly path: string
  readonly kind: EntryKind
  readonly bytes: number | null
  readonly modified: string
}

export interface Entries {
  readonly path: string
  readonly entries: readonly Entry[]
  /** After which the next page begins; null: there is none. */
  readonly next: string | null
}

/**
 * What lies in a folder, in the order of the names' code units. What is hidden is left out, and what cannot be reached:
 * links that lead nowhere or outside, names that are no UTF-8.
 * @param place of the folder @param after the name of the last entry of the page before @param limit of a page
 * @throws ServerError SERVER_MISSING; SERVER_REQUEST: no folder, or as `Workspace.pathOf`
 */
export async function entriesOf(
  workspace: Workspace,
  place: string,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Entries> {
  const { path, stat } = workspace.there(place)
  if (!stat.isDirectory()) throw new ServerError('SERVER_REQUEST', 'path: it is no folder')
  const names = (await readdir(path)).filter((name) => name > after && isShown(name)).sort()
  const entries: Entry[] = []
  let next: string | null = null
  for (const name of names) {
    if (entries.length === limit) {
      next = entries.at(-1)!.name
      break
    }
    const entry = await entryOf(workspace, place === '' ? name : `${place}/${name}`, name)
    if (entry) entries.push(entry)
  }
  return { path: place, entries, next }
}

const isShown = (name: string): boolean =>
  !name.startsWith('.') && !name.includes('\ufffd') && faultOf(name) === undefined

async function entryOf(
  workspace: Workspace,
  place: string,
  name: string,
): Promise<Entry | undefined> {
  try {
    const path = workspace.pathOf(place)
    const found = await stat(path)
    const isFolder = found.isDirectory()
    if (!isFolder && !found.isFile()) return undefined
    return {
      ...{ name, path: place },
      kind: isFolder ? await kindOfFolder(path) : await kindOfFile(path),
      bytes: isFolder ? null : found.size,
      modified: found.mtime.toISOString(),
    }
  } catch {
    return undefined
  }
}

const BY_ENDING: Readonly<Record<string, EntryKind>> = {
  '.onnx': 'model',
  '.yaml': 'config',
  '.yml': 'config',
  '.csv': 'list',
  '.lst': 'list',
  '.tsv': 'list',
  '.jsonl': 'list',
  '.bin': 'pairs',
  '.rec': 'archive',
  '.zip': 'archive',
  '.tgz': 'archive',
  '.html': 'report',
}

async function kindOfFile(path: string): Promise<EntryKind> {
  if (isPhotoName(path)) return 'image'
  const ending = extname(path).toLowerCase()
  if (ending === '.txt') return (await beginsLikePairs(path)) ? 'pairs' : 'list'
  return BY_ENDING[ending] ?? 'file'
}

/** LFW's pairs.txt begins with a line of folds and pairs: `10 300`. */
async function beginsLikePairs(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0)
    return /^\uFEFF?\d+(\s+\d+)?\s*\n/.test(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}

/** Folders of a folder that are looked into, and names of each. */
const LOOKED = 4
const NAMES = 64

/** A folder that a training wrote. */
export const isRunFolder = (names: readonly string[]): boolean =>
  names.includes('config.yaml') &&
  (names.includes('metrics.jsonl') || names.includes('checkpoints'))

/** The folder of a run of an ablation: see `loadAblation` of the training. */
export const isTrialName = (name: string): boolean => /-seed-\d+$/.test(name)

async function kindOfFolder(path: string): Promise<EntryKind> {
  const entries = await someOf(path)
  if (isRunFolder(entries.map(({ name }) => name))) return 'run'
  const folders = entries.filter((one) => one.isDirectory())
  if (folders.some(({ name }) => isTrialName(name))) return 'ablation'
  for (const { name } of folders.slice(0, LOOKED))
    if ((await someOf(join(path, name))).some((one) => isPhotoName(one.name))) return 'people'
  return 'folder'
}

/** The first entries of a folder that are shown, in the order in which they come. */
export async function someOf(path: string, most = NAMES): Promise<Dirent[]> {
  const found: Dirent[] = []
  const folder = await opendir(path, { bufferSize: most })
  for await (const entry of folder) {
    if (!entry.name.startsWith('.')) found.push(entry)
    if (found.length >= most) break
  }
  return found
}
