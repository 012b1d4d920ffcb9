import { randomBytes } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { FilesError, Lock, makeFolder, OutputFile, unwritable } from '@arcface/files'
import { type Link, NOTHING, sealed } from './line.js'
import { chainsIn, readSegment, type Segment, segmentOf, type Torn } from './segment.js'

export interface ChainOptions {
  /** Segments whose last line is older go. */
  readonly days: number
  /** Of a segment, more or less. */
  readonly segmentBytes: number
}

/** A line that is to be written. */
export interface NewLine {
  readonly kind: string
  readonly fields: object
}

const DAY_MS = 86_400_000
const dayOf = (time: number): number => Math.floor(time / DAY_MS)

/** A chain of lines that this process alone writes, in segments, each begun by a line of the kind `segment`. */
export class Chain {
  readonly #folder: string
  readonly #options: ChainOptions
  readonly #lock: Lock
  #last: Link
  #segment: Segment
  #handle: FileHandle | undefined
  /** Of the segment, as far as it is acknowledged. */
  #size = 0
  #day = 0
  /** More may stand behind `#size`. */
  #isDirty = false

  private constructor(
    { folder, lock, ...found }: Taken & { readonly folder: string },
    options: ChainOptions,
  ) {
    this.#folder = folder
    this.#options = options
    this.#lock = lock
    this.#last = found.last
    this.#segment = found.segment
  }

  /**
   * Goes on with a chain that no living process writes, or begins one. What a killed one has left half written stays as it
   * is, and the first line says so.
   * @throws FilesError
   */
  static async open(folder: string, options: ChainOptions): Promise<Chain> {
    makeFolder(folder, 0o700)
    const { torn, broken, ...taken } = await take(folder)
    const chain = new Chain({ folder, ...taken }, options)
    try {
      await chain.#begin('start', {
        ...(torn && { torn }),
        ...(broken.length > 0 && { broken }),
      })
      await chain.tidy()
      return chain
    } catch (error) {
      await chain.close()
      throw error
    }
  }

  /** Hash of the last line. */
  get head(): string {
    return this.#last.hash
  }

  /** All lines are on the disk then, or none is there. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
  async append(lines: readonly NewLine[]): Promise<void> {
    if (dayOf(Date.now()) !== this.#day) await this.#next('day')
    else if (this.#size >= this.#options.segmentBytes) await this.#next('size')
    await this.#write(lines)
  }

  /** Deletes what is too old, and says before that what goes. Errors as `append`. */
  async tidy(): Promise<void> {
    if (dayOf(Date.now()) !== this.#day) await this.#begin('day')
    const oldest = Date.now() - this.#options.days * DAY_MS
    // What another process is just taking away is left to it.
    const isOld = ({ path }: Segment) =>
      (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < oldest
    const chains = chainsIn(this.#folder)
    const own = chains
      .get(this.#segment.chain)!
      .filter(({ number }) => number < this.#segment.number)
    const kept = own.findIndex((one) => !isOld(one))
    await this.#delete(kept < 0 ? own : own.slice(0, kept), own[kept] ?? this.#segment)
    chains.delete(this.#segment.chain)
    for (const [chain, segments] of chains) {
      if (!segments.every(isOld)) continue
      using lock = await Lock.take(lockOf(this.#folder, chain), WHAT).catch(ifLocked)
      if (lock === undefined) continue
      await this.#delete(segments)
      rmSync(lockOf(this.#folder, chain), { force: true })
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
    this.#lock.release()
  }

  /** @param next the first that stays, of which `verifyAudit` then begins */
  async #delete(segments: readonly Segment[], next?: Segment): Promise<void> {
    const [first] = segments
    if (first === undefined) return
    const [line] = next ? (await readSegment(next)).lines : []
    const fields = {
      chain: first.chain,
      deleted: segments.map(({ file }) => file),
      ...(line && { through: { seq: line.link.seq - 1, hash: line.line.prev } }),
    }
    await this.#write([{ kind: 'retention', fields }])
    for (const { path } of segments) rmSync(path, { force: true })
  }

  /** A new segment, and a look at the old ones. */
  async #next(reason: string): Promise<void> {
    await this.#begin(reason)
    await this.tidy()
  }

  /** The next segment, whose first line is there with it. */
  async #begin(reason: string, fields: object = {}): Promise<void> {
    await this.#repair()
    const { chain, number } = this.#segment
    const segment = segmentOf(this.#folder, chain, number + 1)
    const named = { chain, segment: segment.number, reason, ...fields }
    const { text, link } = sealed(this.#last, 'segment', named)
    using file = new OutputFile(segment.path, { isPrivate: true })
    file.write(`${text}\n`)
    await file.commitAsync()
    await this.#handle?.close().catch(() => {})
    this.#handle = undefined
    this.#segment = segment
    this.#last = link
    this.#size = file.position
    this.#day = dayOf(Date.now())
  }

  async #write(lines: readonly NewLine[]): Promise<void> {
    let last = this.#last
    let text = ''
    for (const { kind, fields } of lines) {
      const next = sealed(last, kind, fields)
      text += `${next.text}\n`
      last = next.link
    }
    const bytes = Buffer.from(text)
    await this.#repair()
    try {
      this.#handle ??= await open(this.#segment.path, 'a')
      this.#isDirty = true
      await this.#handle.appendFile(bytes)
      await this.#handle.datasync()
      this.#isDirty = false
    } catch (error) {
      // What nobody was told of goes again, now or before the next line.
      await this.#repair().catch(() => {})
      throw unwritable('the audit log', error)
    }
    this.#last = last
    this.#size += bytes.length
  }

  async #repair(): Promise<void> {
    if (!this.#isDirty) return
    try {
      await this.#handle!.truncate(this.#size)
      this.#isDirty = false
    } catch (error) {
      throw unwritable('the audit log', error)
    }
  }
}

const WHAT = { what: 'the audit log' }
const lockOf = (folder: string, chain: string): string => join(folder, `${chain}.lock`)

function ifLocked(error: unknown): undefined {
  if (error instanceof FilesError && error.code === 'FILES_LOCKED') return undefined
  throw error
}

interface Taken {
  readonly lock: Lock
  readonly last: Link
  /** Behind which the next is begun. */
  readonly segment: Segment
}

interface Found extends Taken {
  readonly torn: Torn | undefined
  /** Chains that somebody has changed: nothing is written behind their end. */
  readonly broken: readonly string[]
}

async function take(folder: string): Promise<Found> {
  const broken: string[] = []
  for (const [chain, segments] of chainsIn(folder)) {
    const lock = await Lock.take(lockOf(folder, chain), WHAT).catch(ifLocked)
    if (lock === undefined) continue
    const end = await endOf(segments)
    if (end) return { lock, ...end, broken }
    broken.push(chain)
    lock.release()
  }
  const chain = randomBytes(4).toString('hex')
  const lock = await Lock.take(lockOf(folder, chain), WHAT)
  return { lock, last: NOTHING, segment: segmentOf(folder, chain, 0), torn: undefined, broken }
}

/** Where a chain ends; `undefined` for one that goes on behind what is no line, or has none. */
async function endOf(
  segments: readonly Segment[],
): Promise<Pick<Found, 'last' | 'segment' | 'torn'> | undefined> {
  const segment = segments.at(-1)!
  const { lines, torn, isChanged } = await readSegment(segment)
  const last = lines.at(-1)?.link
  return last && !isChanged ? { last, segment, torn } : undefined
}
