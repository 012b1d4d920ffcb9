import type { paths } from '@arcface/server/client'
import type { Schema } from '../../../api/client.js'

export type Review =
  paths['/v1/galleries/{gallery}/review']['post']['responses'][200]['content']['application/json']

/** A photograph that may be enrolled. */
export interface Item {
  readonly key: number
  readonly file: File
  /** Of the picture, as the page shows it. */
  readonly url: string
  /** Of the folder it lies in; null: whom the page says. */
  readonly person: string | null
  readonly review?: Review | undefined
  readonly error?: unknown
  /** Whether a person wants it; undefined: by what the review says. */
  readonly isWanted?: boolean | undefined
  readonly saved?: { readonly added: boolean } | undefined
}

/** Whose it is said to be, '' for nobody's yet. */
export const personOf = ({ person }: Item, who: string): string => person ?? who.trim()

/** Somebody else whom the face resembles, the most similar. */
export const otherOf = (item: Item, who: string): Schema<'Match'> | undefined =>
  item.review?.alike?.matches.find(({ name }) => name !== personOf(item, who))

/** Whether it would be enrolled: what is poor cannot be, and what is doubtful a person has to want. */
export function isTaken(item: Item, who: string): boolean {
  const { review, saved, isWanted } = item
  if (!review || saved || review.face.rejected.length > 0) return false
  return isWanted ?? (review.there.length === 0 && otherOf(item, who) === undefined)
}

/** The person of a file in a chosen or dropped folder: the folder it lies in, where that is not the one that was chosen. */
export function folderOf({ webkitRelativePath }: Pick<File, 'webkitRelativePath'>): string | null {
  const parts = webkitRelativePath.split('/')
  return parts.length > 2 ? parts.at(-2)! : null
}
