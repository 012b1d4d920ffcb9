import { createHash } from 'node:crypto'

/** What every line of a chain has; the rest is its kind's. */
export interface AuditLine {
  /** From 1, without gaps. */
  readonly seq: number
  /** When it was written, ISO 8601 in UTC. */
  readonly time: string
  /** Hash of the line before, of the first line zeros. */
  readonly prev: string
  readonly kind: string
  readonly [field: string]: unknown
}

/** A link of a chain: where it stands and what the next line names. */
export interface Link {
  readonly seq: number
  readonly hash: string
}

/** Before the first line of a chain. */
export const NOTHING: Link = { seq: 0, hash: '0'.repeat(64) }

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex')

/** Between a line's content and the digits of its hash; behind them `"}`. */
const SEAL = Buffer.from(',"hash":"')
const SEALED = SEAL.length + 64 + 2

/**
 * A line without its end: JSON whose last field is the sha-256 of the bytes that stand before that field, which is closed
 * by a brace for it. Content and order of the lines are in it, by `prev`.
 */
export function sealed(
  before: Link,
  kind: string,
  fields: object,
): { readonly text: string; readonly link: Link } {
  const seq = before.seq + 1
  const line = { seq, time: new Date().toISOString(), prev: before.hash, kind, ...fields }
  const content = JSON.stringify(line)
  const hash = sha256(content)
  return { text: `${content.slice(0, -1)}${SEAL}${hash}"}`, link: { seq, hash } }
}

/** @returns undefined for bytes that nobody sealed so: each of them counts, also those that are no UTF-8 */
export function unsealed(
  bytes: Buffer,
): { readonly line: AuditLine; readonly link: Link } | undefined {
  const at = bytes.length - SEALED
  if (at < 1 || !bytes.subarray(at, at + SEAL.length).equals(SEAL)) return undefined
  const content = Buffer.concat([bytes.subarray(0, at), Buffer.from('}')])
  const hash = sha256(content)
  if (bytes.toString('latin1', at + SEAL.length) !== `${hash}"}`) return undefined
  try {
    const line = JSON.parse(content.toString('utf8')) as AuditLine
    return { line, link: { seq: line.seq, hash } }
  } catch {
    return undefined
  }
}
