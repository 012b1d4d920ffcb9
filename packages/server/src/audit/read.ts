import type { AuditLine } from './line.js'
import { chainsIn, readSegment, type Segment } from './segment.js'

/**
 * The lines of a log, of all its chains in the order of time; of a segment that was changed those before the
 * change.
 * @throws FilesError FILES_READ
 */
export async function* readAudit(folder: string): AsyncGenerator<AuditLine> {
  const chains = [...chainsIn(folder).values()].map(linesOf)
  const next = async (lines: (typeof chains)[number]) => {
    const { value } = await lines.next()
    return value ? [{ lines, value }] : []
  }
  let heads = (await Promise.all(chains.map(next))).flat()
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (b.value.time < a.value.time ? b : a))
    yield first.value
    heads = [...heads.filter((one) => one !== first), ...(await next(first.lines))]
  }
}

async function* linesOf(segments: readonly Segment[]): AsyncGenerator<AuditLine, undefined> {
  for (const segment of segments)
    for (const { line } of (await readSegment(segment)).lines) yield line
  return undefined
}
