// What `arcface data suspects` writes, for who writes it and for who reads it: findings and what is known of every image.

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

/** Kinds of findings in the order in which they matter to a training. */
export const SUSPECT_KINDS = [
  'label',
  'copy-of-two',
  'one-person',
  'overlap',
  'shared-picture',
  'copy',
  'quality',
  'unreadable',
] as const satisfies readonly Finding['kind'][]

/** `suspects.json`. */
export interface SuspectsFile {
  readonly version: 1
  readonly roots: readonly string[]
  readonly list: string | null
  readonly model: string
  /** The run with sub-centers, where wrong labels are its. */
  readonly run: string | null
  readonly against: string | null
  readonly people: number
  readonly images: number
  /** By kind, the worst of a kind first. */
  readonly findings: readonly Finding[]
  /** Of the people that findings name, the images most like them. */
  readonly examples: readonly { readonly person: string; readonly images: readonly PlacedImage[] }[]
}

/** `points.json`: columns, a row an image that can be decoded. */
export interface SuspectPoints {
  readonly people: readonly string[]
  /** Number in `people`. */
  readonly person: readonly number[]
  readonly path: readonly string[]
  /** First bytes of records; null: files. */
  readonly offset: readonly (number | null)[] | null
  /** Degrees; null of a person's only image, and where there is nobody else. */
  readonly own: readonly (number | null)[]
  readonly nearest: readonly (number | null)[]
  /** Number of the nearest other person. */
  readonly other: readonly number[]
  readonly sharpness: readonly (number | null)[]
  readonly noise: readonly (number | null)[]
  readonly flat: readonly (number | null)[]
  /** What it falls short of, words by spaces. */
  readonly rejected: readonly string[]
  /** Of the variance, of each principal component. */
  readonly shares: readonly number[]
  /** Of each column of a table the group; '' where it is not known. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}
