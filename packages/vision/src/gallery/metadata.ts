import { kindOf } from '../options.js'
import type { GalleryRefusal } from './refuse.js'

/** What JSON can hold, by name. */
export type Metadata = Readonly<Record<string, unknown>>

/** Deeper than anybody writes, and far from where reading JSON would fail. */
const DEPTH = 100

/** Rules of metadata. */
export const metadataRules = (refuse: GalleryRefusal) => {
  /**
   * Metadata as they are stored: an object of texts, finite numbers, booleans, nulls, lists and objects, so that what comes
   * back is what was given. A value that is `undefined` is left out, as JSON does. Throws METADATA.
   */
  function checkMetadata(value: unknown): Metadata {
    if (!isPlain(value)) throw no('metadata are an object', value)
    checkValue(value, 'metadata', 0)
    return value
  }

  function checkValue(value: unknown, where: string, depth: number): void {
    if (depth > DEPTH) throw refuse('METADATA', `metadata are nested deeper than ${DEPTH}`)
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return
    if (typeof value === 'number' && Number.isFinite(value)) return
    if (Array.isArray(value))
      // Not forEach, which passes over holes.
      for (let i = 0; i < value.length; i++) checkValue(value[i], `${where}[${i}]`, depth + 1)
    else if (isPlain(value)) {
      for (const [key, inner] of Object.entries(value))
        if (inner !== undefined) checkValue(inner, `${where}.${key}`, depth + 1)
    } else throw no(`${where} is something that JSON holds`, value)
  }

  const no = (expected: string, value: unknown) =>
    refuse('METADATA', `${expected}, not ${typeof value === 'number' ? value : kindOf(value)}`)

  return { checkMetadata }
}

export type MetadataRules = ReturnType<typeof metadataRules>

/** Metadata of before that was looked at: what is no object lies under `value`. */
export const metadataOf = (stored: unknown): Metadata =>
  isPlain(stored) ? stored : stored === null ? {} : { value: stored }

function isPlain(value: unknown): value is Metadata {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm has another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
