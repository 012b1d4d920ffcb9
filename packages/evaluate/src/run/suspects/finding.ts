import { imageName, type People } from '@arcface/data'
import type { Rejection } from '@arcface/vision'

/** An image and whose it is said to be. */
export interface PlacedImage {
  readonly path: string
  /** First byte of a record. */
  readonly offset?: number
  readonly person: string
}

/** What a finding is about and what could be done about it, unless somebody who looks at it knows better. */
export type Finding = {
  /** The more, the worse; comparable within a kind. */
  readonly score: number
  /** In one sentence. */
  readonly reason: string
  readonly images: readonly PlacedImage[]
} & (WrongLabel | Copies | CopiesOfTwo | OnePerson | Overlap | SharedPicture | Poor | Unreadable)

/** An image that is nearer to another person than to the other images of its own. */
interface WrongLabel {
  readonly kind: 'label'
  /** Degrees to its own person, and to the one it is most like; null: to nobody within the limit of a run. */
  readonly degrees: number
  readonly likely: { readonly person: string; readonly degrees: number } | null
  /** Whom to move it to; null: drop it, it is likely nobody who is here. */
  readonly move: string | null
}

/** The same picture, encoded again or made smaller; the first is to be kept. */
interface Copies {
  readonly kind: 'copy'
  /** Correlation of the thumbnails that are least alike. */
  readonly likeness: number
}

/** The same under several names. */
interface CopiesOfTwo extends Omit<Copies, 'kind'> {
  readonly kind: 'copy-of-two'
}

/** Two folders that show one person; images of both. */
interface OnePerson {
  readonly kind: 'one-person'
  readonly people: readonly [into: string, from: string]
  /** Mean cosine across the two, and within the one whose images are more alike. */
  readonly across: number
  readonly within: number
}

/** Somebody who is also in the other set; images of both, those of the other set last. */
interface Overlap extends Omit<OnePerson, 'kind' | 'people'> {
  readonly kind: 'overlap'
  readonly people: readonly [here: string, there: string]
  /** The last images so many are the other set's. */
  readonly others: number
}

/** A picture that is also in the other set, under whatever name; the last is the other set's. */
interface SharedPicture {
  readonly kind: 'shared-picture'
  readonly likeness: number
}

interface Poor {
  readonly kind: 'quality'
  readonly rejected: readonly Rejection[]
  readonly sharpness: number
  readonly noise: number
  readonly flat: number
}

interface Unreadable {
  readonly kind: 'unreadable'
}

/** In the order in which they matter to a training. */
export const KINDS = [
  'label',
  'copy-of-two',
  'one-person',
  'overlap',
  'shared-picture',
  'copy',
  'quality',
  'unreadable',
] as const satisfies readonly Finding['kind'][]

export function placed({ classes, samples }: People, place: number): PlacedImage {
  const sample = samples[place]!
  const person = classes[sample.label]!
  if ('bytes' in sample) return { path: imageName(sample), person }
  const { path, offset } = sample
  return { path, ...(offset !== undefined && { offset }), person }
}

export const inDegrees = (cosine: number): number =>
  (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI

/** Three digits tell all that a person reads. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000
