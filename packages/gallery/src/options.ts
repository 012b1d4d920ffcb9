import { type Kinds, optionsChecker } from '@arcface/vision'
import { GalleryError } from './errors.js'

export type { Kinds }

/** @throws GalleryError GALLERY_USE */
export const checkOptions = optionsChecker((message) => new GalleryError('GALLERY_USE', message))

/** @throws GalleryError GALLERY_USE */
export function textOf(value: string, what: string): string {
  if (typeof value === 'string') return value
  throw new GalleryError('GALLERY_USE', `${what}: a text, not ${kindOf(value)}`)
}

/** Names, groups or ids of a caller, who may not use TypeScript. @throws GalleryError GALLERY_USE */
export function textsOf(values: readonly string[], what: string): readonly string[] {
  const odd = listOf(values, what).find((one) => typeof one !== 'string')
  if (odd === undefined && !values.includes(undefined as never)) return values
  throw new GalleryError('GALLERY_USE', `${what}: texts, not ${kindOf(odd)}`)
}

/** @throws GalleryError GALLERY_USE */
export function listOf<T>(values: readonly T[], what: string): readonly T[] {
  if (Array.isArray(values)) return values
  throw new GalleryError('GALLERY_USE', `${what}: a list, not ${kindOf(values)}`)
}

/** What a value is, without a word of what it holds. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'object') return `a ${value.constructor?.name ?? 'object'}`
  return `a ${typeof value}`
}

/** How many of a list are wanted. @throws GalleryError GALLERY_USE */
export function checkLimit(limit: number | undefined): void {
  if (limit === undefined || (Number.isInteger(limit) && limit > 0)) return
  throw new GalleryError('GALLERY_USE', `limit: 1 or more, not ${limit}`)
}
