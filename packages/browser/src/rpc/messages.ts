import type { SentError } from './errors.js'

/** What a page asks of its worker: many calls may be under way. */
export type Asked =
  | { readonly id: number; readonly call: string; readonly args: unknown }
  | { readonly id: number; readonly abort: true }

/** What the worker says to a call: so far, then how it ended. */
export type Answered =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly done: unknown }
  | { readonly id: number; readonly failed: SentError }
