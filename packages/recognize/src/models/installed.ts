import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { RecognizeError } from '../errors.js'
import { cacheFolder } from './cache.js'
import { type Pack, packSchema } from './pack.js'
import { registry } from './registry.js'

const manifestSchema = z.object({
  pack: packSchema,
  files: z.record(z.string(), z.object({ size: z.int(), sha512: z.string() })),
})
export type Manifest = z.output<typeof manifestSchema>
export const MANIFEST = 'pack.json'

/** A pack that lies in the cache. */
export interface InstalledPack extends Manifest {
  readonly folder: string
}

export const packFolder = (name: string, cache = cacheFolder()): string =>
  join(cache, 'packs', name)

/** Of a file of an installed pack. */
export const partPath = ({ folder }: InstalledPack, file: string): string => join(folder, file)

/** The pack of that name if it lies in the cache whole, else undefined. */
export async function installedPack(
  name: string,
  cache?: string,
): Promise<InstalledPack | undefined> {
  if (!/^\w[\w.-]*$/.test(name)) return undefined
  const folder = packFolder(name, cache)
  try {
    const text = await readFile(join(folder, MANIFEST), 'utf8')
    const { success, data } = manifestSchema.safeParse(JSON.parse(text))
    if (!success) return undefined
    for (const [file, { size }] of Object.entries(data.files))
      if ((await stat(join(folder, file))).size !== size) return undefined
    // What is known of a model, its thresholds say, may be newer than what was installed.
    const known = registry.find((pack) => sameDownloads(pack, data.pack))
    return { ...data, pack: known ?? data.pack, folder }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined
    throw error
  }
}

export const sameDownloads = (a: Pack, b: Pack): boolean =>
  a.name === b.name && JSON.stringify(a.downloads) === JSON.stringify(b.downloads)

/** @throws RecognizeError RECOGNIZE_PACK, with the command that installs it */
export async function openPack(name: string, cache?: string): Promise<InstalledPack> {
  const found = await installedPack(name, cache)
  if (found) return found
  const known = registry.map((pack) => pack.name)
  throw new RecognizeError(
    'RECOGNIZE_PACK',
    known.includes(name)
      ? `the model pack ${name} is not installed; run: arcface models pull ${name}`
      : `${name} is neither a file nor an installed model pack; known packs are ${known.join(', ')}`,
  )
}

/** All packs in the cache. */
export async function installedPacks(cache = cacheFolder()): Promise<InstalledPack[]> {
  const names = await readdir(join(cache, 'packs')).catch(() => [])
  const found = await Promise.all(names.sort().map((name) => installedPack(name, cache)))
  return found.filter((pack) => pack !== undefined)
}
