import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readRegular, unreadable } from '@arcface/files'
import { type AuditLine, type Link, sha256, unsealed } from './line.js'

/** A file of a chain. */
export interface Segment {
  readonly chain: string
  /** From 1. */
  readonly number: number
  readonly file: string
  readonly path: string
}

const NAME = /^([0-9a-f]{8})-(\d{8})\.jsonl$/

export function segmentOf(folder: string, chain: string, number: number): Segment {
  const file = `${chain}-${String(number).padStart(8, '0')}.jsonl`
  return { chain, number, file, path: join(folder, file) }
}

/** The chains of a folder, each in its order. @throws FilesError FILES_READ */
export function chainsIn(folder: string): Map<string, Segment[]> {
  const chains = new Map<string, Segment[]>()
  for (const file of namesIn(folder).sort()) {
    const [, chain, number] = NAME.exec(file) ?? []
    if (chain === undefined) continue
    const segments = chains.get(chain) ?? []
    segments.push(segmentOf(folder, chain, Number(number)))
    chains.set(chain, segments)
  }
  return chains
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw unreadable(folder, error)
  }
}

/** What a crash has left behind the last whole line of a segment. */
export interface Torn {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export interface Read {
  readonly lines: readonly { readonly line: AuditLine; readonly link: Link }[]
  /** What stands behind the last of `lines` and is none. */
  readonly torn: Torn | undefined
  /** Whether a line follows that is one: then no crash has done it. */
  readonly isChanged: boolean
}

/** The lines of a segment up to the first that is none. @throws FilesError FILES_READ */
export async function readSegment({ path, file }: Segment): Promise<Read> {
  const bytes = await readRegular(path)
  const lines: { line: AuditLine; link: Link }[] = []
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const found = unsealed(bytes.subarray(start, end))
    if (found === undefined) break
    lines.push(found)
    start = end + 1
    // A server that is asked for it answers others meanwhile.
    if (lines.length % 1000 === 0) await new Promise(setImmediate)
  }
  const rest = bytes.subarray(start)
  const torn = rest.length > 0 ? { file, bytes: rest.length, sha256: sha256(rest) } : undefined
  return { lines, torn, isChanged: hasLine(rest) }
}

function hasLine(bytes: Buffer): boolean {
  let start = bytes.indexOf(10) + 1
  while (start > 0) {
    const end = bytes.indexOf(10, start)
    if (end < 0) return false
    if (unsealed(bytes.subarray(start, end)) !== undefined) return true
    start = end + 1
  }
  return false
}
