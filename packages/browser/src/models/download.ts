import { wrongBeginning } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { cutShort, failed, unreachable } from './failed.js'
import { type Watch, watchdog } from './watchdog.js'

/** A server that answers nothing for so long is given up. */
const STALL_MS = 30_000
/** The same where what is kept would do. */
const PATIENCE_MS = 5_000

export interface DownloadOptions {
  readonly kind: 'model' | 'pack'
  /** Bytes, at most. */
  readonly limit: number
  /** What is kept is of this version: the same is not brought again. */
  readonly version?: string | undefined
  /** Whether something is kept. */
  readonly kept: boolean
  /** What to do where the file is not there. */
  readonly missing: string
  readonly signal: AbortSignal
  /** `total` where the server says it. */
  readonly onProgress: (loaded: number, total: number | undefined) => void
}

export interface Downloaded {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The ETag, or when it was last changed. */
  readonly version?: string | undefined
}

/**
 * Brings a file whole.
 * @returns undefined where the server still has the version that is kept
 * @throws BrowserError BROWSER_DOWNLOAD; the signal's reason
 */
export async function download(
  address: string,
  options: DownloadOptions,
): Promise<Downloaded | undefined> {
  const { signal, kept } = options
  const watch = watchdog(signal, kept ? PATIENCE_MS : STALL_MS, STALL_MS)
  try {
    return await answered(address, options, watch)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BrowserError) throw error
    throw await unreachable(address, error, watch.signal)
  } finally {
    watch.stop()
  }
}

async function answered(
  address: string,
  { kind, limit, version, missing, onProgress }: DownloadOptions,
  watch: Watch,
): Promise<Downloaded | undefined> {
  // What the browser has of its own is used only after the server has said that it is still right.
  const response = await fetch(address, { signal: watch.signal, cache: 'no-cache' })
  if (!response.ok) {
    await response.body?.cancel()
    throw failed(address, `the server answers ${response.status} ${response.statusText}`.trim(), {
      hint: response.status === 404 ? missing : 'See what the server says of this address.',
    })
  }
  const now = response.headers.get('etag') ?? response.headers.get('last-modified') ?? undefined
  if (version !== undefined && now === version) {
    await response.body?.cancel()
    return undefined
  }
  const total = lengthOf(response)
  const parts: Uint8Array[] = []
  let loaded = 0
  const tooLarge = () =>
    failed(address, `it is larger than the ${limit} bytes expected`, {
      hint: 'See that the right file lies there.',
    })
  // Of an answer of another origin a page does not learn whether it was packed: its length is then for progress only.
  const exact = response.type === 'basic' ? total : undefined
  if (exact !== undefined && exact > limit) throw tooLarge()
  onProgress(0, total)
  try {
    for await (const part of chunksOf(response)) {
      watch.alive()
      const wrong = loaded === 0 && beginsWrong(kind, part)
      if (wrong)
        throw failed(
          address,
          `${wrong}: perhaps the page that the server sends for a missing file`,
          { hint: missing },
        )
      loaded += part.length
      if (loaded > limit) throw tooLarge()
      parts.push(part)
      onProgress(loaded, total !== undefined && loaded <= total ? total : undefined)
    }
  } catch (error) {
    if (error instanceof BrowserError || watch.signal.aborted) throw error
    throw cutShort(address, loaded, error)
  }
  if (exact !== undefined && loaded < exact) throw cutShort(address, loaded)
  return { bytes: joined(parts, loaded), version: now }
}

/** Of what comes, where the server says it and it was not packed on the way. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length')
  return length === null || headers.has('content-encoding') ? undefined : Number(length)
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  try {
    for (;;) {
      const next = await reader?.read()
      if (next?.value === undefined) return
      yield next.value
    }
  } finally {
    // Whoever stops reading wants no more.
    await reader?.cancel().catch(() => {})
  }
}

function beginsWrong(kind: DownloadOptions['kind'], part: Uint8Array): string | undefined {
  if (kind === 'model') return wrongBeginning('onnx', part)
  return part[0] === 0x3c ? 'what comes is no JSON but a page' : undefined
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
