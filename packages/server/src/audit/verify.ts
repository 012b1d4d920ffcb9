import { type Link, NOTHING } from './line.js'
import { chainsIn, readSegment, type Segment, type Torn } from './segment.js'

/** Where a chain is not as it was written. */
export interface AuditProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly why: string
}

export interface AuditChain {
  readonly chain: string
  readonly segments: number
  /** Lines that are in order, up to the problem where there is one. */
  readonly lines: number
  readonly from: string | null
  readonly to: string | null
  /** Hash of the last of them: who has noted it elsewhere can tell later that nothing before was cut. */
  readonly head: string
  readonly problem: AuditProblem | null
}

export interface AuditReport {
  readonly chains: readonly AuditChain[]
  /** Of the expected hashes those that no line has. */
  readonly missing: readonly string[]
}

/**
 * Reads a whole log: of each chain the first place where a line was changed, removed, inserted or moved. That lines were cut
 * from its end, or all of it written anew, only a hash tells that was noted elsewhere.
 * @param expected hashes of lines that have to be there
 * @throws FilesError FILES_READ
 */
export async function verifyAudit(
  folder: string,
  expected: readonly string[] = [],
): Promise<AuditReport> {
  const missing = new Set(expected)
  const chains: AuditChain[] = []
  for (const segments of chainsIn(folder).values())
    chains.push(await verifyChain(segments, (hash) => missing.delete(hash)))
  return { chains, missing: [...missing] }
}

async function verifyChain(
  segments: readonly Segment[],
  onHash: (hash: string) => void,
): Promise<AuditChain> {
  let last: Link | undefined
  let lines = 0
  let [from, to]: (string | null)[] = [null, null]
  /** What the first segment names before it, which was deleted. */
  let before: Link = NOTHING
  let torn: { readonly problem: AuditProblem; readonly rest: Torn } | undefined
  let deleted: Link = NOTHING
  const done = (problem: AuditProblem | null): AuditChain => ({
    ...{ chain: segments[0]!.chain, segments: segments.length, lines },
    ...{ from: from!, to: to!, head: last?.hash ?? NOTHING.hash, problem },
  })
  for (const segment of segments) {
    const { file, chain, number } = segment
    const read = await readSegment(segment)
    const problemAt = (line: number, why: string) => done({ file, line, why })
    if (read.lines.length === 0)
      return torn ? done(torn.problem) : problemAt(1, 'this is no line of an audit log')
    for (const [i, { line, link }] of read.lines.entries()) {
      if (last === undefined) {
        before = { seq: line.seq - 1, hash: line.prev }
        if (before.seq === 0 && line.prev !== NOTHING.hash)
          return problemAt(1, 'it is not the beginning that it says it is')
      } else if (line.seq !== last.seq + 1 || line.prev !== last.hash) {
        return torn
          ? done(torn.problem)
          : problemAt(i + 1, 'lines before it were removed, inserted or moved')
      }
      const isFirst = i === 0
      if ((line.kind === 'segment') !== isFirst)
        return problemAt(i + 1, 'a segment begins here, or does not begin where its file does')
      if (isFirst) {
        if (line.chain !== chain || line.segment !== number)
          return problemAt(1, 'the file has another name than it was written under')
        if (JSON.stringify(line.torn) !== JSON.stringify(torn?.rest))
          return torn ? done(torn.problem) : problemAt(1, 'what a crash left before is missing')
        torn = undefined
      }
      if (line.kind === 'retention' && line.chain === chain) deleted = line.through as Link
      onHash(link.hash)
      last = link
      lines++
      from ??= line.time
      to = line.time
    }
    if (read.torn) {
      const why = read.isChanged
        ? 'the line was changed'
        : 'the line is not whole: it was changed, or its writer is at work or was killed, which the next start will say'
      const problem = { file, line: read.lines.length + 1, why }
      if (read.isChanged) return done(problem)
      torn = { problem, rest: read.torn }
    }
  }
  if (torn) return done(torn.problem)
  const isToldOf =
    before.seq < deleted.seq || (before.seq === deleted.seq && before.hash === deleted.hash)
  if (!isToldOf)
    return done({
      file: segments[0]!.file,
      line: 1,
      why: `${before.seq} lines before it are missing, of which no retention tells`,
    })
  return done(null)
}
