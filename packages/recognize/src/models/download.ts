import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { RecognizeError } from '../errors.js'

const REDIRECTS = 5
/** Attempts in a row that brought nothing. */
const ATTEMPTS = 4
/** A server that sends nothing for so long is given up. */
const STALL_MS = 30_000
/** Where the size is not known. */
const MAX_BYTES = 2 ** 32

export interface DownloadOptions {
  /** Bytes, where known. */
  readonly size?: number | null
  readonly signal?: AbortSignal | undefined
  /** `total` is null where the server does not say. */
  readonly onProgress?: ((bytes: number, total: number | null) => void) | undefined
}

/** Worth another attempt. */
class Interrupted extends Error {}

/**
 * Brings a file by HTTP; what already lies at `path` is continued (Range), also after every interruption.
 * @throws RecognizeError RECOGNIZE_DOWNLOAD; the signal's reason after an abort, what came stays
 */
export async function download(
  url: string,
  path: string,
  { size = null, signal, onProgress }: DownloadOptions = {},
): Promise<void> {
  const state: State = { url, path, size, signal, onProgress, tag: null }
  for (let failures = 0; ; ) {
    const before = await bytesOf(path)
    try {
      return await attempt(state)
    } catch (cause) {
      signal?.throwIfAborted()
      if (cause instanceof RecognizeError) throw cause
      failures = (await bytesOf(path)) > before ? 0 : failures + 1
      if (!(cause instanceof Interrupted) || failures >= ATTEMPTS) throw failed(url, cause)
      await pause(200 * failures, undefined, { signal })
    }
  }
}

interface State {
  readonly url: string
  readonly path: string
  readonly size: number | null
  readonly signal: AbortSignal | undefined
  readonly onProgress: DownloadOptions['onProgress']
  /** Version of what has come so far, as the server names it. */
  tag: string | null
}

async function attempt(state: State): Promise<void> {
  const { url, path, size, onProgress } = state
  const limit = size ?? MAX_BYTES
  const watch = watchdog(state.signal)
  const file = await open(path, 'a')
  try {
    let at = (await file.stat()).size
    if (at === size) return
    if (at > limit) at = await emptied(file)
    const headers = {
      'accept-encoding': 'identity',
      ...(at > 0 && { range: `bytes=${at}-` }),
      ...(at > 0 && state.tag !== null && { 'if-range': state.tag }),
    }
    const response = await follow(url, headers, watch.signal)
    const resumed = response.status === 206
    const wrongPlace = resumed && !response.headers.get('content-range')?.startsWith(`bytes ${at}-`)
    if (wrongPlace || response.status === 416) {
      await file.truncate(0)
      throw new Interrupted('it cannot be continued and begins anew')
    }
    if (!resumed) at = await emptied(file)
    state.tag = response.headers.get('etag')
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const total = size ?? (Number.isFinite(length) ? at + length : null)
    if (total !== null && total > limit) throw tooLarge(url, limit)
    for await (const chunk of response.body ?? []) {
      watch.alive()
      if (at + chunk.length > limit) throw tooLarge(url, limit)
      await file.write(chunk)
      at += chunk.length
      onProgress?.(at, total)
    }
    if (total !== null && at < total)
      throw new Interrupted(`it ended after ${at} of ${total} bytes`)
    await file.sync()
  } catch (error) {
    // What fetch throws, for itself or while the body comes, is a TypeError.
    if (error instanceof TypeError || watch.stalled()) throw new Interrupted(reason(error))
    throw error
  } finally {
    watch.stop()
    await file.close()
  }
}

async function emptied(file: FileHandle): Promise<number> {
  await file.truncate(0)
  return 0
}

/** Redirects by hand: few, and never from https to http. */
async function follow(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  let at = new URL(url)
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const response = await fetch(at, { headers, signal, redirect: 'manual' })
    const { status } = response
    const target = response.headers.get('location')
    if (status >= 300 && status < 400 && target !== null) {
      await response.body?.cancel()
      const next = new URL(target, at)
      if (
        !/^https?:$/.test(next.protocol) ||
        (at.protocol === 'https:' && next.protocol === 'http:')
      )
        throw failed(url, new Error(`it redirects to ${next.protocol}, which is refused`))
      at = next
      continue
    }
    if (response.ok || status === 416) return response
    await response.body?.cancel()
    if (status >= 500 || status === 429 || status === 408) throw new Interrupted(`HTTP ${status}`)
    throw failed(url, new Error(`HTTP ${status}`))
  }
  throw failed(url, new Error(`more than ${REDIRECTS} redirects`))
}

/** A signal that also fires when nothing comes for too long. */
function watchdog(signal: AbortSignal | undefined) {
  const stall = new AbortController()
  const timer = setTimeout(
    () => stall.abort(new Error(`nothing came for ${STALL_MS / 1000} s`)),
    STALL_MS,
  )
  return {
    signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
    alive: () => timer.refresh(),
    stalled: () => stall.signal.aborted,
    stop: () => clearTimeout(timer),
  }
}

const bytesOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

const tooLarge = (url: string, limit: number) =>
  failed(url, new Error(`it is larger than the ${limit} bytes expected`))

function failed(url: string, cause: unknown): RecognizeError {
  return new RecognizeError(
    'RECOGNIZE_DOWNLOAD',
    `${url} cannot be brought: ${reason(cause)}. Check the address and the network; what has come is kept and continued.`,
    { cause },
  )
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
