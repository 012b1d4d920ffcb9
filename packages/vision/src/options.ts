import { VisionError } from './errors.js'
import { nearest } from './nearest.js'

/** What an option may be: of a type, or one of some words; `any` where who uses it looks closer. */
export type Kind = 'boolean' | 'number' | 'text' | 'function' | 'signal' | 'any' | readonly string[]

/** Every option of a call and what it may be. */
export type Kinds<T> = { readonly [K in keyof Required<T>]: Kind }

/** What numbers, switches and the like of a call have in common. */
const fits: Record<Exclude<Kind, readonly string[]>, (value: unknown) => boolean> = {
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number' && !Number.isNaN(value),
  text: (value) => typeof value === 'string',
  function: (value) => typeof value === 'function',
  signal: (value) => typeof (value as AbortSignal | null)?.throwIfAborted === 'function',
  any: () => true,
}

const words: Partial<Record<Exclude<Kind, readonly string[]>, string>> = {
  boolean: 'true or false',
  number: 'a number',
  text: 'a text',
  function: 'a function',
  signal: 'an AbortSignal',
}

/**
 * Makes what checks options of a caller whom no compiler watches: a name that is not known would be passed over in
 * silence, and a threshold or a signal with it. It throws what `refuse` makes, with the nearest known name.
 */
export const optionsChecker =
  (refuse: (message: string) => Error) =>
  /** @param call what the message begins with */
  <T extends object>(call: string, options: T, kinds: Kinds<T>): void => {
    if (typeof options !== 'object' || options === null || Array.isArray(options))
      throw refuse(`${call}: options are an object`)
    const known = Object.keys(kinds)
    for (const [key, value] of Object.entries(options)) {
      if (!Object.hasOwn(kinds, key)) {
        const near = nearest(key, known)
        throw refuse(
          `${call} has no option ${key.slice(0, 80)}${near ? `; did you mean ${near}?` : `; it has ${known.join(', ')}`}`,
        )
      }
      const kind: Kind = kinds[key as keyof T]
      if (value === undefined) continue
      const isFit = typeof kind === 'string' ? fits[kind](value) : kind.includes(value)
      if (isFit) continue
      const wanted = typeof kind === 'string' ? words[kind] : `one of ${kind.join(', ')}`
      throw refuse(`${call}: ${key} is ${wanted}, not ${shown(value)}`)
    }
  }

/** @throws VisionError VISION_USE */
export const checkOptions = optionsChecker((message) => new VisionError('VISION_USE', message))

/** Texts and bytes may be anybody's picture. */
const shown = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === 'object' && value !== null
      ? `of type ${value.constructor?.name ?? 'object'}`
      : String(value)

/** What a value is, without a word of what it holds. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'object') return `a ${value.constructor?.name ?? 'object'}`
  return `a ${typeof value}`
}
