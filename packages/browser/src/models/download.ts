import { wrongBeginning } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { shown } from './address.js'

/** A server that sends nothing for so long is given up. */
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
  const watch = watchdog(signal, kept ? PATIENCE_MS : STALL_MS)
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

type Watch = ReturnType<typeof watchdog>

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
  const length = lengthOf(response)
  if (length !== undefined && length > limit) throw tooLarge(address, limit)
  const parts: Uint8Array[] = []
  let loaded = 0
  onProgress(loaded, length)
  for await (const part of chunksOf(response)) {
    watch.alive()
    const wrong = loaded === 0 && beginsWrong(kind, part)
    if (wrong)
      throw failed(address, `${wrong}: perhaps the page that the server sends for a missing file`, {
        hint: missing,
      })
    loaded += part.length
    if (loaded > limit) throw tooLarge(address, limit)
    parts.push(part)
    // Of an answer of another origin a page does not learn whether it was packed.
    onProgress(loaded, length !== undefined && loaded <= length ? length : undefined)
  }
  if (length !== undefined && loaded < length)
    throw failed(address, `it was cut short after ${loaded} of ${length} bytes`, { hint: AGAIN })
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

const AGAIN = 'Try it again; if it happens again, see the network and the server.'

/** A page is not told why a request failed: whether another origin forbade the answer, a second request tells. */
async function unreachable(
  address: string,
  cause: unknown,
  signal: AbortSignal,
): Promise<BrowserError> {
  if (signal.aborted)
    return failed(address, messageOf(signal.reason), { hint: AGAIN, cause: signal.reason })
  if (new URL(address).origin !== location.origin && (await answersOthers(address)))
    return failed(address, 'its server does not let pages of other origins read it (CORS)', {
      cause,
      hint: `Lay the file beside the page, or let its server send Access-Control-Allow-Origin: ${location.origin}`,
    })
  return failed(address, `no answer comes (${messageOf(cause)})`, {
    cause,
    hint: "See that the device is online, that the server runs, and that the page's Content-Security-Policy allows the address (connect-src).",
  })
}

const answersOthers = (address: string): Promise<boolean> =>
  fetch(address, {
    mode: 'no-cors',
    method: 'HEAD',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).then(
    () => true,
    () => false,
  )

/** A signal that also fires when nothing comes for too long. */
function watchdog(signal: AbortSignal, patience: number) {
  const stall = new AbortController()
  const start = (ms: number) =>
    setTimeout(() => stall.abort(new Error(`nothing came for ${ms / 1000} s`)), ms)
  let timer = start(patience)
  return {
    signal: AbortSignal.any([signal, stall.signal]),
    alive: () => {
      clearTimeout(timer)
      timer = start(STALL_MS)
    },
    stop: () => clearTimeout(timer),
  }
}

const tooLarge = (address: string, limit: number) =>
  failed(address, `it is larger than the ${limit} bytes expected`, {
    hint: 'See that the right file lies there.',
  })

const failed = (
  address: string,
  why: string,
  options: ErrorOptions & { readonly hint: string },
): BrowserError =>
  new BrowserError('BROWSER_DOWNLOAD', `${shown(address)} cannot be loaded: ${why}`, options)
