import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, writeWhole } from '@arcface/files'
import { MANIFEST, type Manifest, manifestSchema, newestPack, registry } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { cacheFolder, inCache } from './cache.js'

/** A pack that lies in the cache. */
export interface InstalledPack extends Manifest {
  readonly folder: string
}

export const packFolder = (name: string, cache = cacheFolder()): string =>
  join(cache, 'packs', name)

/** Of a file of an installed pack. */
export const partPath = ({ folder }: InstalledPack, file: string): string => join(folder, file)

/**
 * The pack of that name, if it was installed; whether its files are still as they were, `damagedFile` tells.
 * @throws RecognizeError RECOGNIZE_CACHE
 */
export async function installedPack(
  name: string,
  cache = cacheFolder(),
): Promise<InstalledPack | undefined> {
  if (!/^\w[\w.-]*$/.test(name)) return undefined
  const folder = packFolder(name, cache)
  const manifest = await inCache(cache, () => readManifest(folder))
  if (manifest === undefined) return undefined
  return { ...manifest, pack: newestPack(manifest.pack), folder }
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const text = await readFile(join(folder, MANIFEST), 'utf8')
    return manifestSchema.safeParse(JSON.parse(text)).data
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * The first file of a pack that is not as it was installed. Sums are computed where a size or a time tells of a change,
 * or of all files (`whole`): bits also rot without a trace.
 */
export async function damagedFile(
  installed: InstalledPack,
  { whole = false } = {},
): Promise<string | undefined> {
  const { folder, files } = installed
  const now: Manifest['files'] = {}
  for (const [file, { size, sha512, changed }] of Object.entries(files)) {
    const path = join(folder, file)
    const found = await stat(path).catch(() => undefined)
    if (found?.size !== size) return file
    const looked = whole || found.mtimeMs !== changed
    if (looked && (await digestOf(path, 'sha512')) !== sha512) return file
    now[file] = { size, sha512, changed: found.mtimeMs }
  }
  if (JSON.stringify(now) !== JSON.stringify(files)) remember(installed, now)
  return undefined
}

/** So that the sums need not be computed again; a cache that cannot be written does without. */
function remember({ folder, pack }: InstalledPack, files: Manifest['files']): void {
  const manifest: Manifest = { pack, files }
  try {
    writeWhole(join(folder, MANIFEST), manifestText(manifest))
  } catch {}
}

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`

/**
 * A pack for use: there, and as it was installed.
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_CHECKSUM, with the hint to bring it; RECOGNIZE_CACHE
 */
export async function openPack(name: string, cache = cacheFolder()): Promise<InstalledPack> {
  const known = registry.map((pack) => pack.name)
  const found = await installedPack(name, cache)
  if (found) {
    const damaged = await inCache(cache, () => damagedFile(found))
    if (damaged === undefined) return found
    throw new RecognizeError(
      'RECOGNIZE_CHECKSUM',
      `${damaged} of the model pack ${name} is not as it was installed: it was changed or damaged in ${found.folder}, and would give other answers.`,
      {
        hint: known.includes(name)
          ? `Bring it again: \`pullPack(findPack('${name}'))\``
          : 'Install it again under this name, from what it was installed from.',
      },
    )
  }
  if (known.includes(name))
    throw new RecognizeError('RECOGNIZE_PACK', `the model pack ${name} is not installed`, {
      hint: `Bring it: \`pullPack(findPack('${name}'))\``,
    })
  throw new RecognizeError(
    'RECOGNIZE_PACK',
    `${name} is neither a file nor an installed model pack; known packs are ${known.join(', ')}`,
  )
}

/** All packs in the cache. */
export async function installedPacks(cache = cacheFolder()): Promise<InstalledPack[]> {
  const names = await readdir(join(cache, 'packs')).catch(() => [])
  const found = await Promise.all(names.sort().map((name) => installedPack(name, cache)))
  return found.filter((pack) => pack !== undefined)
}
