import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { type Download, wrongBeginning } from '@arcface/vision'
import type { Response } from 'undici'
import { RecognizeError } from '../errors.js'
import { Http, masked, Refused } from './http.js'

/** Attempts in a row that brought nothing. */
const ATTEMPTS = 4
/** A server that sends nothing for so long is given up. */
const STALL_MS = 30_000
/** Where the size is not known. */
const MAX_BYTES = 2 ** 32

export interface DownloadOptions {
  /** Of what has to come: other bytes are told by how they begin. */
  readonly format: Download['format']
  /** Bytes, where known. */
  readonly size?: number | null
  readonly signal?: AbortSignal | undefined
  /** `total` is null where the server does not say. */
  readonly onProgress?: ((bytes: number, total: number | null) => void) | undefined
}

/** Worth another attempt. */
class Interrupted extends Error {}

/**
 * Brings a file by HTTP; what already lies at `path` is continued (Range), also after every interruption, unless it
 * cannot be a part of such a file. Proxies, tokens and certificates are npm's and the environment's.
 * @throws RecognizeError RECOGNIZE_DOWNLOAD; the signal's reason after an abort, what came stays
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { format, size = null, signal, onProgress } = options
  const http = new Http()
  const state: State = { http, url, path, format, size, signal, onProgress, tag: null }
  try {
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
  } finally {
    await http.close()
  }
}

interface State {
  readonly http: Http
  readonly url: string
  readonly path: string
  readonly format: Download['format']
  readonly size: number | null
  readonly signal: AbortSignal | undefined
  readonly onProgress: DownloadOptions['onProgress']
  /** Version of what has come so far, as the server names it. */
  tag: string | null
}

async function attempt(state: State): Promise<void> {
  const { http, url, path, format, size, onProgress } = state
  const limit = size ?? MAX_BYTES
  const watch = watchdog(state.signal)
  const file = await open(path, 'a+')
  try {
    let at = (await file.stat()).size
    if (at > limit || wrongBeginning(format, await headOf(file))) at = await emptied(file)
    if (at === size) return
    const headers = {
      'accept-encoding': 'identity',
      ...(at > 0 && { range: `bytes=${at}-` }),
      ...(at > 0 && state.tag !== null && { 'if-range': state.tag }),
    }
    const response = await http.get(url, headers, watch.signal)
    const resumed = response.status === 206
    const wrongPlace = resumed && !response.headers.get('content-range')?.startsWith(`bytes ${at}-`)
    if (wrongPlace || response.status === 416) {
      await emptied(file)
      throw new Interrupted('it cannot be continued and begins anew')
    }
    await checkStatus(response)
    if (!resumed) at = await emptied(file)
    state.tag = response.headers.get('etag')
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const total = Number.isFinite(length) ? at + length : size
    if (total !== null && total > limit) throw tooLarge(url, limit)
    if (size !== null && total !== size) {
      await emptied(file)
      throw new Refused(`what comes has ${total} bytes, not ${size}: perhaps the page of a proxy`)
    }
    for await (const chunk of response.body ?? []) {
      watch.alive()
      const wrong = at === 0 && wrongBeginning(format, chunk)
      if (wrong) throw new Refused(`${wrong}: perhaps the page of a login or a proxy`)
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

async function checkStatus({ ok, status, body }: Response): Promise<void> {
  if (ok) return
  await body?.cancel()
  if (status >= 500 || status === 429 || status === 408) throw new Interrupted(`HTTP ${status}`)
  const login =
    status === 401 || status === 403
      ? ": the server wants a login; npm's token for it goes into .npmrc (npm login)"
      : ''
  throw new Refused(`HTTP ${status}${login}`)
}

async function headOf(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0)
  return buffer.subarray(0, bytesRead)
}

async function emptied(file: FileHandle): Promise<number> {
  await file.truncate(0)
  return 0
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
  const kept = cause instanceof Interrupted ? ' What has come is kept and continued.' : ''
  return new RecognizeError(
    'RECOGNIZE_DOWNLOAD',
    `${masked(url)} cannot be brought: ${reason(cause)}.${kept}`,
    {
      cause,
      hint: "Check the address, the network and the proxy (HTTPS_PROXY, npm's https-proxy), or bring the file by other means and install it with `from`.",
    },
  )
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? `: ${error.cause.message.split('\n')[0]}` : ''
  return error.message + inner
}
