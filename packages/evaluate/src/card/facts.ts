import type { ArcfaceMetadata } from '@arcface/onnx'
import type { GroupsResult } from '../groups/schema.js'
import type { Figure } from '../report/scored.js'
import type { Row } from './markdown.js'

export interface MeasuredModel {
  readonly name: string
  readonly sha256: string
}

/** Figures of a model on a set of faces. */
export interface CardResult {
  readonly set: string
  /** How it was measured: `with flip`. */
  readonly note: string
  /** Of which model, if the report says so: as it was named, and the SHA-256 of its weights. Left out: of this one. */
  readonly model?: MeasuredModel | undefined
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
  /** SHA-256 of other files that hold these very weights, such as the run's: what was measured of them is of this model. */
  readonly weights?: readonly string[]
  readonly metadata: ArcfaceMetadata
  /** What it was trained on and how, as far as known. */
  readonly data: readonly Row[]
  readonly training: readonly Row[]
  readonly results: readonly CardResult[]
  /** What `arcface evaluate groups --out` wrote. */
  readonly groups: readonly GroupsResult[]
}
