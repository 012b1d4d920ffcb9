import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '@arcface/files'
import { GalleryError } from '../errors.js'

/** A face of CompreFace, by its id and its subject's name. */
export interface ComprefaceFace {
  readonly id: string
  readonly subject: string
}

export interface ComprefaceServer {
  /** Such as `http://localhost:8000`. */
  readonly url: string
  /** Of a recognition service. */
  readonly key: string
  /** Milliseconds for an answer, whole. Default: a minute. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Faces that a page is asked for; CompreFace gives up to 2000. */
const PAGE = 1000
const TRIES = 3
const TIMEOUT = 60_000
/** Milliseconds before the second try, twice as many before the third. */
const PAUSE = 500
/** Bytes of an answer: CompreFace takes pictures of 5 MB, and a page of faces is far less. */
const LARGEST = 32 * 2 ** 20

/** An answer that is no success: asked again it would be none either. */
export class Unanswered extends Error {}

/** What of a CompreFace is read to take its people over. All methods throw GalleryError GALLERY_SOURCE, and the signal's reason. */
export class ComprefaceClient {
  readonly #base: string
  readonly #server: ComprefaceServer

  /** @throws GalleryError GALLERY_USE: no address */
  constructor(server: ComprefaceServer) {
    const { url } = server
    if (!(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
      throw new GalleryError(
        'GALLERY_USE',
        'the address of a CompreFace begins with http:// or https://',
      )
    this.#base = `${url.replace(/\/+$/, '')}/api/v1/recognition`
    this.#server = server
  }

  /** Names of all subjects, of those without faces too. */
  async subjects(): Promise<string[]> {
    const { subjects } = await this.#json('/subjects')
    if (Array.isArray(subjects) && subjects.every((one) => typeof one === 'string')) return subjects
    throw this.#odd('list of subjects')
  }

  /**
   * All faces. CompreFace does not order them, so that a face may stand on two pages and another on none: where some are
   * missing of those that it counts, the pages are read again.
   */
  async faces(): Promise<ComprefaceFace[]> {
    const found = new Map<string, ComprefaceFace>()
    for (let reading = 0; reading < TRIES; reading++) {
      const read = new Set<string>()
      let [page, pages, total] = [0, 1, 0]
      while (page < pages) {
        const known = read.size
        const answer = await this.#json(`/faces?page=${page++}&size=${PAGE}`)
        const { faces, total_pages, total_elements } = answer
        if (!(Array.isArray(faces) && isCount(total_pages) && isCount(total_elements)))
          throw this.#odd('page of faces')
        for (const face of faces) {
          const { image_id: id, subject } = Object(face) as { image_id: unknown; subject: unknown }
          if (typeof id !== 'string' || typeof subject !== 'string')
            throw this.#odd('page of faces')
          found.set(id, { id, subject })
          read.add(id)
        }
        total = total_elements
        // A page that brings nothing is the last, whatever it says of more.
        pages = read.size === known ? 0 : total_pages
      }
      if (found.size >= total) break
    }
    return [...found.values()]
  }

  /** The picture of a face, encoded; of 0 bytes where none is kept. @throws Unanswered: it is not given, others may be */
  async picture(id: string): Promise<Uint8Array> {
    return this.#bytes(`/faces/${encodeURIComponent(id)}/img`)
  }

  async #json(path: string): Promise<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(Buffer.from(await this.#bytes(path)).toString())
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
    } catch (error) {
      if (error instanceof Unanswered) throw this.#source(error.message, error)
      if (!(error instanceof SyntaxError)) throw error
    }
    throw this.#odd('JSON')
  }

  /** Asks again what may pass: no answer, or one that is the server's own failure. */
  async #bytes(path: string): Promise<Uint8Array> {
    const { signal, timeout = TIMEOUT } = this.#server
    for (let tried = 1; ; tried++) {
      try {
        return await this.#ask(path)
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof Unanswered && !(error instanceof Failing)) throw error
        if (tried < TRIES) {
          await pause(Math.min(PAUSE, timeout) * tried, undefined, { signal })
          continue
        }
        if (error instanceof Unanswered || error instanceof GalleryError) throw error
        throw this.#source(`it does not answer: ${causeOf(error)}`, error)
      }
    }
  }

  async #ask(path: string): Promise<Uint8Array> {
    const { key, signal, timeout = TIMEOUT } = this.#server
    const late = AbortSignal.timeout(timeout)
    const response = await fetch(this.#base + path, {
      headers: { 'x-api-key': key },
      // The key is for this server and no other.
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
    const bytes = await this.#read(response)
    if (response.ok) return bytes
    const Kind = response.status >= 500 || response.status === 429 ? Failing : Unanswered
    throw new Kind(`it answers ${response.status}${saidIn(bytes)}`)
  }

  async #read(response: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > LARGEST) throw this.#source(`it answers more than ${LARGEST} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  }

  #odd(expected: string): GalleryError {
    return this.#source(`it answers no ${expected}; is it a CompreFace?`)
  }

  #source(why: string, cause?: unknown): GalleryError {
    const { origin } = new URL(this.#server.url)
    return new GalleryError('GALLERY_SOURCE', `${origin}: ${why}`, { cause })
  }
}

/** An answer that may be another the next time. */
class Failing extends Unanswered {}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0

/** CompreFace's own words, where there are some. */
function saidIn(bytes: Uint8Array): string {
  try {
    const { message } = JSON.parse(Buffer.from(bytes).toString()) as { message?: unknown }
    return typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
  } catch {
    return ''
  }
}

/** fetch says only that it failed; why stands beneath. */
const causeOf = (error: unknown): string => messageOf((error as { cause?: unknown }).cause ?? error)
