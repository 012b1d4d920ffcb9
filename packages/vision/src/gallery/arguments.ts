import { kindOf, optionsChecker } from '../options.js'
import type { GalleryRefusal } from './refuse.js'

/** Checks what a caller gives, who may not use TypeScript. Each throws USE. */
export const argumentRules = (refuse: GalleryRefusal) => ({
  checkOptions: optionsChecker((message) => refuse('USE', message)),

  textOf(value: string, what: string): string {
    if (typeof value === 'string') return value
    throw refuse('USE', `${what}: a text, not ${kindOf(value)}`)
  },

  /** Names, groups or ids. */
  textsOf(values: readonly string[], what: string): readonly string[] {
    if (!Array.isArray(values)) throw refuse('USE', `${what}: a list, not ${kindOf(values)}`)
    const odd = values.findIndex((one) => typeof one !== 'string')
    if (odd < 0) return values
    throw refuse('USE', `${what}: texts, not ${kindOf(values[odd])}`)
  },

  listOf<T>(values: readonly T[], what: string): readonly T[] {
    if (Array.isArray(values)) return values
    throw refuse('USE', `${what}: a list, not ${kindOf(values)}`)
  },

  /** How many are wanted. */
  checkCount(count: number | undefined, what: string): void {
    if (count === undefined || (Number.isInteger(count) && count > 0)) return
    throw refuse('USE', `${what}: 1 or more, not ${count}`)
  },

  checkDate(date: Date, what: string): void {
    if (!(date instanceof Date && Number.isFinite(date.getTime())))
      throw refuse('USE', `${what}: a date, not ${kindOf(date)}`)
  },
})

export type ArgumentRules = ReturnType<typeof argumentRules>
