import { randomUUID } from 'node:crypto'
import { createWriteStream, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isDiskFull, makeFolder } from '@arcface/files'
import type { FastifyInstance } from 'fastify'
import { ServerError } from '../errors.js'

/** Longer than any request takes. */
const LEFT_MS = 24 * 3_600_000
const TIDY_MS = 3_600_000
/** Those of this process, which may be as old where a job waits. */
const own = new Set<string>()

/** Takes away the files of a folder that a server left which was killed; younger ones may be another's that runs. */
export function removeLeft(folder: string): void {
  makeFolder(folder, 0o700)
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (own.has(path)) continue
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (written < Date.now() - LEFT_MS) rmSync(path, { force: true })
  }
}

/** Takes such files away at the start and while the server runs: photographs may be among them, which nobody keeps. */
export function keepTidy(server: FastifyInstance, folder: string): void {
  removeLeft(folder)
  const tidying = setInterval(() => {
    try {
      removeLeft(folder)
    } catch (err) {
      server.log.error({ err }, 'what a killed server left cannot be removed')
    }
  }, TIDY_MS).unref()
  server.addHook('onClose', async () => clearInterval(tidying))
}

/** A private file that is gone when it is disposed of. */
export class TemporaryFile {
  readonly path: string

  /** @param folder made where it is not there @param ending such as `.jsonl` */
  constructor(folder: string, ending: string) {
    makeFolder(folder, 0o700)
    this.path = join(folder, `${randomUUID()}${ending}`)
    own.add(this.path)
  }

  /**
   * Takes the bytes of a request as they come.
   * @throws ServerError SERVER_TOO_LARGE, SERVER_DISK_FULL; the signal's reason
   */
  async receive(body: Readable, limit: number, signal: AbortSignal): Promise<void> {
    let length = 0
    const bounded = new Transform({
      transform: (chunk: Buffer, _, done) => {
        length += chunk.length
        const refuse = () => new ServerError('SERVER_TOO_LARGE', `more than ${limit} bytes`)
        done(length > limit ? refuse() : null, chunk)
      },
    })
    try {
      const file = createWriteStream(this.path, { mode: 0o600, flags: 'wx' })
      // Of a body that is refused the rest is still to be read.
      await pipeline(body.iterator({ destroyOnReturn: false }), bounded, file, { signal })
    } catch (cause) {
      if (!isDiskFull(cause)) throw cause
      throw new ServerError('SERVER_DISK_FULL', 'the disk is full: nothing was taken', { cause })
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { force: true })
    own.delete(this.path)
  }
}

/** Errors of a file name it: here it has a name that is nobody's business. */
export async function withoutPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(path, 'the file')
    throw error
  }
}
