// What `arcface data suspects` writes; docs/data.md says what it means.

export interface Placed {
  readonly path: string
  /** First byte of a record. */
  readonly offset?: number
  readonly person: string
}

interface Seen {
  readonly score: number
  readonly reason: string
  readonly images: readonly Placed[]
}
interface Couple {
  readonly people: readonly [string, string]
  readonly across: number
  readonly within: number
}
export type Finding = Seen &
  (
    | {
        readonly kind: 'label'
        readonly degrees: number
        readonly likely: { readonly person: string; readonly degrees: number } | null
        readonly move: string | null
      }
    | { readonly kind: 'copy' | 'copy-of-two' | 'shared-picture'; readonly likeness: number }
    | ({ readonly kind: 'one-person' } & Couple)
    | ({ readonly kind: 'overlap'; readonly others: number } & Couple)
    | {
        readonly kind: 'quality'
        readonly rejected: readonly string[]
        readonly sharpness: number
        readonly noise: number
        readonly flat: number
      }
    | { readonly kind: 'unreadable' }
  )
export type Kind = Finding['kind']

/** In the order of the findings. */
export const KINDS = [
  'label',
  'copy-of-two',
  'one-person',
  'overlap',
  'shared-picture',
  'copy',
  'quality',
  'unreadable',
] as const satisfies readonly Kind[]

export interface Suspects {
  readonly roots: readonly string[]
  readonly list: string | null
  readonly model: string
  readonly run: string | null
  readonly against: string | null
  readonly people: number
  readonly images: number
  readonly findings: readonly Finding[]
  readonly examples: readonly { readonly person: string; readonly images: readonly Placed[] }[]
}

/** Columns, a row an image that can be decoded. */
export interface Points {
  readonly people: readonly string[]
  /** Number in `people`. */
  readonly person: readonly number[]
  readonly path: readonly string[]
  readonly offset: readonly (number | null)[] | null
  /** Degrees; null of a person's only image, and where there is nobody else. */
  readonly own: readonly (number | null)[]
  readonly nearest: readonly (number | null)[]
  readonly other: readonly number[]
  readonly sharpness: readonly number[]
  readonly rejected: readonly string[]
  /** Of the variance, of each principal component. */
  readonly shares: readonly number[]
  /** Of each column of a table the group; '' where it is not known. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}
