import { type Kinds, kindOf, optionsChecker } from '@arcface/vision'
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

/** How many are wanted. @throws GalleryError GALLERY_USE */
export function checkCount(count: number | undefined, what: string): void {
  if (count === undefined || (Number.isInteger(count) && count > 0)) return
  throw new GalleryError('GALLERY_USE', `${what}: 1 or more, not ${count}`)
}
