import { type FileHandle, open } from 'node:fs/promises'
import { unreadable } from '@arcface/files'
import { ServerError } from '../errors.js'
import { type AuditFilter, isWanted } from './filter.js'
import { type AuditLine, unsealed } from './line.js'
import { chainsIn, type Segment } from './segment.js'

/** So much of a file is looked at before others have their turn. */
const BLOCK = 256 << 10
/** So much is looked at for a page: who asks for something rare goes on where it ended. */
const MOST = 16 << 20
/** Clocks are put right now and then, so that a line may be older than the one before it. */
const CLOCK_MS = 3_600_000

export interface AuditPage {
  readonly lines: readonly { readonly chain: string; readonly line: AuditLine }[]
  /** Where to go on; null: nothing is older. */
  readonly next: string | null
  /** Between them, of what is not as it was written; `verifyAudit` tells more. */
  readonly changed: number
}

/**
 * The latest lines of a log, of all its chains, newest first. What is just being written is passed over.
 * @param before `next` of the page before
 * @throws FilesError FILES_READ; ServerError SERVER_REQUEST: `before` is none of a page
 */
export async function latestAudit(
  folder: string,
  filter: AuditFilter,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<AuditPage> {
  const from = before === undefined ? undefined : placesIn(before)
  const spent: Spent = { bytes: 0, changed: 0 }
  const chains = [...chainsIn(folder).entries()]
    .filter(([chain]) => from === undefined || from.has(chain))
    .map(([chain, segments]) => backwards(segments, from?.get(chain), spent))
  const next = async (chain: (typeof chains)[number]) => {
    const { value: head } = await chain.next()
    return head ? [{ chain, head }] : []
  }
  const oldest = (filter.since?.getTime() ?? Number.NEGATIVE_INFINITY) - CLOCK_MS
  const lines: AuditPage['lines'][number][] = []
  try {
    let heads = (await Promise.all(chains.map(next))).flat()
    while (heads.length > 0 && lines.length < limit && spent.bytes <= MOST) {
      const latest = heads.reduce((a, b) => (b.head.line.time > a.head.line.time ? b : a))
      const { line, segment } = latest.head
      if (Date.parse(line.time) < oldest) {
        heads = []
        break
      }
      if (isWanted(line, filter)) lines.push({ chain: segment.chain, line })
      heads = [...heads.filter((one) => one !== latest), ...(await next(latest.chain))]
    }
    const places = heads.map(({ head: { segment, end } }) => placeOf(segment, end))
    return { lines, next: places.length > 0 ? places.join() : null, changed: spent.changed }
  } finally {
    await Promise.all(chains.map((chain) => chain.return(undefined)))
  }
}

interface Spent {
  bytes: number
  changed: number
}

interface Place {
  readonly number: number
  /** Where the line ends that comes next. */
  readonly end: number
}

const placeOf = ({ chain, number }: Segment, end: number) => `${chain}:${number}:${end}`

function placesIn(text: string): Map<string, Place> {
  const places = text.split(',').map((one) => /^([0-9a-f]{8}):(\d{1,8}):(\d{1,15})$/.exec(one))
  return new Map(
    places.map((place) => {
      if (place === null)
        throw new ServerError('SERVER_REQUEST', 'before: this is no place in an audit log')
      const [, chain, number, end] = place
      return [chain!, { number: Number(number), end: Number(end) }]
    }),
  )
}

interface Head {
  readonly line: AuditLine
  readonly segment: Segment
  readonly end: number
}

/** The lines of a chain from its end to its beginning. */
async function* backwards(
  segments: readonly Segment[],
  from: Place | undefined,
  spent: Spent,
): AsyncGenerator<Head, undefined> {
  for (const segment of segments.toReversed()) {
    if (from && segment.number > from.number) continue
    const end = segment.number === from?.number ? from.end : Number.POSITIVE_INFINITY
    yield* backwardsIn(segment, end, spent)
  }
  return undefined
}

async function* backwardsIn(segment: Segment, end: number, spent: Spent): AsyncGenerator<Head> {
  const file = await openSegment(segment)
  if (file === undefined) return
  try {
    let start = Math.min(end, (await file.stat()).size)
    /** Before `start + rest.length` everything is told; the first of it may have begun before. */
    let rest = Buffer.alloc(0)
    while (start > 0) {
      const length = Math.min(BLOCK, start)
      start -= length
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, start)
      spent.bytes += length
      const bytes = Buffer.concat([buffer, rest])
      const first = start === 0 ? 0 : bytes.indexOf(10) + 1
      // Behind the last line's end is what is just being written.
      let last = bytes.lastIndexOf(10) + 1
      while (last > first) {
        const begin = Math.max(first, bytes.lastIndexOf(10, last - 2) + 1)
        const found = unsealed(bytes.subarray(begin, last - 1))
        if (found) yield { line: found.line, segment, end: start + last }
        else spent.changed++
        last = begin
      }
      rest = first === 0 ? bytes : bytes.subarray(0, first)
    }
  } catch (error) {
    throw unreadable(segment.file, error)
  } finally {
    await file.close()
  }
}

/** undefined: it was too old, and has gone meanwhile. */
async function openSegment({ path, file }: Segment): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw unreadable(file, error)
  }
}
