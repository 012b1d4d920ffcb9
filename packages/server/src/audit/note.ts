import type { FastifyRequest } from 'fastify'
import type { CheckedKey } from '../keys/key.js'
import { sha256 } from './line.js'

/** What was decided about a face. */
export interface AuditVerdict {
  readonly known: boolean | null
  /** Names that the answer tells. */
  readonly people: readonly string[]
  readonly threshold: number | null
  readonly far?: number | null | undefined
  readonly fpir?: number | null | undefined
  /** How many it was compared with. */
  readonly searched?: { readonly people: number; readonly faces: number } | undefined
}

/** A photograph or an embedding that was compared. */
export interface AuditInput {
  /** Of its bytes, where somebody was found. */
  readonly sha256?: string
  readonly faces: readonly AuditVerdict[]
}

/** What the audit log is told of a request beside what its address says. */
export interface AuditNote {
  readonly gallery?: string
  /** Whom it concerned. */
  readonly people?: readonly string[]
  readonly inputs?: readonly AuditInput[]
  /** Id of the receipt of an erasure. */
  readonly receipt?: string
  /** A key that was made or revoked. */
  readonly concerns?: Readonly<Pick<CheckedKey, 'id' | 'name' | 'scopes' | 'galleries'>>
}

declare module 'fastify' {
  interface FastifyRequest {
    auditNote: AuditNote | null
  }
}

/** Says what else the audit log is to be told of a request. */
export function note(request: FastifyRequest, more: AuditNote): void {
  request.auditNote = { ...request.auditNote, ...more }
}

/** @param input bytes of a photograph, or an embedding as float32 in this machine's order, little-endian */
export function inputOf(
  input: Uint8Array | Float32Array,
  faces: readonly AuditVerdict[],
): AuditInput {
  const isMatch = faces.some(({ known, people }) => known ?? people.length > 0)
  if (!isMatch) return { faces }
  const { buffer, byteOffset, byteLength } = input
  return { sha256: sha256(new Uint8Array(buffer, byteOffset, byteLength)), faces }
}
