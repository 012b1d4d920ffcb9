import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  copyWhole,
  digestOf,
  extractTgz,
  extractZip,
  FilesError,
  Lock,
  makeFolder,
  syncFolder,
  verifyChecksum,
  type Wanted,
  writeWhole,
} from '@arcface/files'
import {
  type Download,
  MANIFEST,
  type Manifest,
  type Pack,
  type Source,
  sameDownloads,
} from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { cacheFolder, inCache } from './cache.js'
import {
  damagedFile,
  type InstalledPack,
  installedPack,
  manifestText,
  packFolder,
} from './installed.js'

export interface PullOptions {
  /** The user has read a licence that forbids commercial use and keeps to it. */
  readonly acceptLicence?: boolean
  /** Take files of which no checksum is known as they come. */
  readonly allowUnverified?: boolean
  /** Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  readonly cache?: string
  /** Of npm. Default: npm's own setting. */
  readonly registry?: string
  /** Downloads that were brought by other means, instead of the pack's sources; each is known by its checksum. */
  readonly from?: readonly string[]
  /** Against which local sources are read. Default: the working directory. */
  readonly base?: string
  readonly signal?: AbortSignal
  /** Of one download after the other; `total` is null where nobody says. */
  readonly onProgress?: (bytes: number, total: number | null) => void
}

/**
 * Installs a pack: brings its downloads, continuing what an earlier call left, checks them, takes the named files out
 * and puts them into the cache under the pack's name, whole or not at all. What lies there is checked by its sums, and
 * brought again where it is damaged. Of several calls at once, also in other processes, each waits for the one before.
 * @throws RecognizeError RECOGNIZE_LICENCE, RECOGNIZE_UNVERIFIED, RECOGNIZE_DOWNLOAD, RECOGNIZE_CHECKSUM,
 *   FILES_ARCHIVE, RECOGNIZE_CACHE; the signal's reason
 */
export async function pullPack(pack: Pack, options: PullOptions = {}): Promise<InstalledPack> {
  const { cache = cacheFolder() } = options
  return inCache(cache, async () => {
    const there = await wholePack(pack, cache)
    if (there && isDeepStrictEqual(there.pack, pack)) return there
    permit(pack, options)
    makeFolder(cache)
    const [what, waitMs] = [`the cache ${cache}`, Number.POSITIVE_INFINITY]
    using _ = await Lock.take(join(cache, '.lock'), { what, waitMs, signal: options.signal })
    await clear(cache)
    const whole = await wholePack(pack, cache)
    return whole ? describeAnew(whole, pack) : await bringPack(pack, cache, options)
  })
}

/** The same files may be described otherwise than at their installation: other thresholds, another licence. */
function describeAnew({ folder, files }: InstalledPack, pack: Pack): InstalledPack {
  const manifest: Manifest = { pack, files }
  writeWhole(join(folder, MANIFEST), manifestText(manifest))
  return { ...manifest, folder }
}

/** What lies there under the pack's name, if it is that pack and undamaged. */
async function wholePack(pack: Pack, cache: string): Promise<InstalledPack | undefined> {
  const present = await installedPack(pack.name, cache)
  if (!present || !sameDownloads(present.pack, pack)) return undefined
  const names = pack.downloads.flatMap(({ files }) => files.map(({ name }) => name))
  if (!names.every((name) => Object.hasOwn(present.files, name))) return undefined
  return (await damagedFile(present, { whole: true })) === undefined ? present : undefined
}

/** Of a download that a later call can go on with: the bytes that it is to have are known. */
const PART = /^[0-9a-f]{64}\.part$/

/** Removes what calls that were killed have left; all others wait for this one. */
async function clear(cache: string): Promise<void> {
  const [temporary, downloads] = [join(cache, 'temporary'), join(cache, 'downloads')]
  for (const folder of [temporary, downloads]) {
    makeFolder(folder)
    for (const name of await readdir(folder))
      if (folder === temporary || !PART.test(name))
        await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function bringPack(pack: Pack, cache: string, options: PullOptions): Promise<InstalledPack> {
  const folder = packFolder(pack.name, cache)
  const temporary = join(cache, 'temporary', `${pack.name}.${randomUUID()}`)
  await mkdir(temporary)
  try {
    for (const one of pack.downloads)
      if (options.from) await takeFrom(options.from, one, temporary)
      else await bring(one, temporary, cache, options)
    const files: Manifest['files'] = {}
    for (const { name } of pack.downloads.flatMap((one) => one.files)) {
      const path = join(temporary, name)
      const { size, mtimeMs: changed } = await stat(path)
      files[name] = { size, sha512: await digestOf(path, 'sha512'), changed }
    }
    const manifest: Manifest = { pack, files }
    writeWhole(join(temporary, MANIFEST), manifestText(manifest))
    await install(temporary, folder)
    return { ...manifest, folder }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** The one of these files that is this download; without a checksum any of them may be. */
async function takeFrom(files: readonly string[], one: Download, folder: string): Promise<void> {
  const failures: unknown[] = []
  for (const file of files) {
    const path = await localFile(file, {})
    try {
      return await unpack(path, one, folder, basename(path))
    } catch (error) {
      if (!(error instanceof RecognizeError || error instanceof FilesError)) throw error
      failures.push(error)
      await Promise.all(one.files.map(({ name }) => rm(join(folder, name), { force: true })))
    }
  }
  throw failures[0]
}

function permit({ name, licence, downloads }: Pack, options: PullOptions): void {
  if (!licence.commercial && !options.acceptLicence)
    throw new RecognizeError(
      'RECOGNIZE_LICENCE',
      `${name} may not be used commercially: ${licence.name}, ${licence.url}.`,
      { hint: 'If you keep to that, bring it with `acceptLicence`.' },
    )
  const unknown = downloads.filter(
    ({ checksum, files }) => checksum === null && files.some((file) => file.checksum === null),
  )
  if (unknown.length > 0 && !options.allowUnverified)
    throw new RecognizeError(
      'RECOGNIZE_UNVERIFIED',
      `no checksum is known of ${unknown[0]!.files[0]!.name} in ${name}, so nobody can tell whether it is the right file.`,
      { hint: 'Write its checksum into the pack, or bring it with `allowUnverified`.' },
    )
}

/** The first source that gives the right bytes. */
async function bring(
  one: Download,
  folder: string,
  cache: string,
  options: PullOptions,
): Promise<void> {
  const failures: unknown[] = []
  for (const source of one.sources) {
    try {
      return await bringFrom(source, one, folder, cache, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof RecognizeError || error instanceof FilesError)) throw error
      failures.push(error)
      await Promise.all(one.files.map(({ name }) => rm(join(folder, name), { force: true })))
    }
  }
  throw failures[0]
}

async function bringFrom(
  source: Source,
  one: Download,
  folder: string,
  cache: string,
  options: PullOptions,
): Promise<void> {
  if (source.kind === 'file') {
    const path = await localFile(source.path, options)
    return unpack(path, one, folder, basename(path))
  }
  const url = source.kind === 'https' ? source.url : await tarballUrl(source, options)
  const name = basename(new URL(url).pathname)
  // Without a checksum nothing tells whether an old part belongs to the same file: then it begins anew.
  const key = one.checksum?.slice(7, 71) ?? 'unknown'
  const part = join(cache, 'downloads', `${key}.part`)
  const { size, format } = one
  const { signal, onProgress } = options
  // Whoever pulls nothing loads no client of HTTP; it is CommonJS, which bundles of ES modules cannot start with.
  const { download } = await import('./download.js')
  const old = await stat(part).catch(() => undefined)
  try {
    await download(url, part, { format, size, signal, onProgress })
  } catch (error) {
    if (one.checksum === null) await rm(part, { force: true })
    throw error
  }
  try {
    // What an earlier call left may have been a part of something else.
    const mixed = old !== undefined && one.checksum !== null && !(await fits(part, one.checksum))
    if (mixed) {
      await rm(part, { force: true })
      await download(url, part, { format, size, signal, onProgress })
    }
    await unpack(part, one, folder, name)
  } finally {
    await rm(part, { force: true })
  }
}

const fits = (path: string, checksum: string): Promise<boolean> =>
  verifyChecksum(path, checksum, path).then(
    () => true,
    () => false,
  )

/** @param name what errors call the download */
async function unpack(path: string, one: Download, folder: string, name: string): Promise<void> {
  if (one.checksum !== null) await verifyChecksum(path, one.checksum, name)
  const wanted: Wanted[] = one.files.map(({ name, member = name, size }) => ({
    member,
    path: join(folder, name),
    size,
  }))
  if (one.format === 'tgz') await extractTgz(path, wanted)
  else if (one.format === 'zip') await extractZip(path, wanted)
  else await copyWhole(path, wanted[0]!.path)
  for (const { name, checksum } of one.files)
    if (checksum !== null) await verifyChecksum(join(folder, name), checksum, name)
}

async function localFile(path: string, { base = '.' }: PullOptions): Promise<string> {
  const full = resolve(base, path)
  const found = await stat(full).catch(() => undefined)
  if (found?.isFile()) return full
  throw new RecognizeError(
    'RECOGNIZE_DOWNLOAD',
    `${full} is no file; name the file that holds the download`,
  )
}

async function tarballUrl(
  source: Extract<Source, { kind: 'npm' }>,
  { registry }: PullOptions,
): Promise<string> {
  const { npmSettings } = await import('./npm.js')
  const base = (registry ?? npmSettings().registryOf(source.package)).replace(/\/+$/, '')
  const file = source.package.split('/').at(-1)
  return `${base}/${source.package}/-/${file}-${source.version}.tgz`
}

/** In one step; an older pack that lies there makes way. */
async function install(temporary: string, folder: string): Promise<void> {
  makeFolder(dirname(folder))
  const old = `${temporary}.old`
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(temporary, folder)
  syncFolder(dirname(folder))
  await rm(old, { recursive: true, force: true })
}
