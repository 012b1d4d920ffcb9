import { type Kinds, optionsChecker } from '@arcface/vision'
import { BrowserError } from './errors.js'

export type { Kinds }

/** @throws BrowserError BROWSER_USE */
export const checkOptions = optionsChecker((message) => new BrowserError('BROWSER_USE', message))

/** What was thrown, in one line. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!
