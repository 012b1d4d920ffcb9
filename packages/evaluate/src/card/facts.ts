import type { ArcfaceMetadata } from '@arcface/onnx'
import type { GroupsResult } from '../groups/schema.js'
import type { Figure } from '../report/scored.js'
import type { Row } from './markdown.js'

/** Figures of a model on a set of faces. */
export interface CardResult {
  readonly set: string
  /** How it was measured: `with flip`. */
  readonly note: string
  /** Of which model, if the report of others says so. */
  readonly model?: string | undefined
  readonly pairs?: number | undefined
  readonly people?: number | undefined
  readonly figures: readonly Figure[]
}

/** What a model card is made of; texts are plain, rates fractions. */
export interface CardFacts {
  readonly name: string
  /** Null: nobody stated one. */
  readonly licence: { readonly name: string; readonly url?: string | undefined } | null
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string }
  readonly metadata: ArcfaceMetadata
  /** What it was trained on and how, as far as known. */
  readonly data: readonly Row[]
  readonly training: readonly Row[]
  readonly results: readonly CardResult[]
  /** What `arcface evaluate groups --out` wrote. */
  readonly groups: readonly GroupsResult[]
}
