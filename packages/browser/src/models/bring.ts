import { BrowserError } from '../errors.js'
import { shown } from './address.js'
import { type Checksum, digestOf, verify } from './checksum.js'
import { type DownloadOptions, download } from './download.js'
import type { Kept, KeptFile } from './kept.js'
import { type DownloadProgress, FileProgress } from './progress.js'

/** A file to bring. */
export interface Wanted extends Pick<DownloadOptions, 'kind' | 'missing'> {
  readonly name: string
  /** Tried in this order. */
  readonly addresses: readonly string[]
  readonly checksum?: Checksum | undefined
  /** Bytes, where known. */
  readonly size?: number | undefined
}

export interface BringOptions {
  readonly kept: Kept
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** Where the size is not known. No page has memory for more. */
const MAX_BYTES = { model: 2 ** 30, pack: 2 ** 20 }

/**
 * A file, kept or from its server. Where its checksum is known, what is kept is right or is not used, and no server is
 * asked. Where it is not, the server is asked whether it has another by now, and what is kept is for when none answers.
 * Of several tabs one downloads.
 * @throws BrowserError BROWSER_DOWNLOAD, BROWSER_CHECKSUM; the signal's reason
 */
export async function bring(wanted: Wanted, options: BringOptions): Promise<KeptFile> {
  const progress = new FileProgress(wanted.name, options.onProgress)
  const known = await keptAsKnown(wanted, options.kept)
  const [file, cached] = known
    ? [known, true as const]
    : await options.kept.alone(wanted.addresses[0]!, options.signal, () =>
        bringNow(wanted, options, progress),
      )
  progress.done(file.bytes.length, cached)
  return file
}

async function keptAsKnown(
  { addresses, checksum }: Wanted,
  kept: Kept,
): Promise<KeptFile | undefined> {
  if (checksum === undefined) return undefined
  for (const address of addresses) {
    const file = await kept.get(address)
    if (file && [file.checksum, `sha256:${file.sha256}`].includes(checksum)) return file
  }
  return undefined
}

async function bringNow(
  wanted: Wanted,
  options: BringOptions,
  progress: FileProgress,
): Promise<[file: KeptFile, cached: boolean]> {
  // Another tab may have brought it.
  const known = await keptAsKnown(wanted, options.kept)
  if (known) return [known, true]
  const failures: unknown[] = []
  for (const address of wanted.addresses) {
    try {
      return await bringFrom(address, wanted, options, progress)
    } catch (error) {
      if (!(error instanceof BrowserError)) throw error
      failures.push(error)
    }
  }
  throw failures[0]
}

async function bringFrom(
  address: string,
  { kind, name, checksum, size, missing }: Wanted,
  { kept, signal }: BringOptions,
  progress: FileProgress,
): Promise<[file: KeptFile, cached: boolean]> {
  const old = checksum === undefined ? await kept.get(address) : undefined
  if (old && !navigator.onLine) return [old, true]
  try {
    const downloaded = await download(address, {
      kind,
      missing,
      signal,
      limit: size ?? MAX_BYTES[kind],
      kept: old !== undefined,
      version: old?.version,
      onProgress: (loaded, total) => progress.downloading(loaded, total ?? size),
    })
    if (downloaded === undefined) return [old!, true]
    const { bytes, version } = downloaded
    const sha256 = await digestOf(bytes, 'sha256')
    if (checksum !== undefined)
      await verify(bytes, checksum, { name: `${name} (${shown(address)})`, sha256 })
    const file = { bytes, sha256, checksum, version }
    await kept.put(address, file)
    return [file, false]
  } catch (error) {
    // A server that is gone, or answers with something else, is no reason to stop what worked.
    if (old && error instanceof BrowserError) return [old, true]
    throw error
  }
}
