import { z } from 'zod'
import { ServerError } from '../errors.js'

// A place is a path in the workspace: parts between `/`, from its folder down; '' is the folder itself.

/** Bytes of a part that a file system takes, and of a path. */
const LONGEST_PART = 255
const LONGEST = 4096

/** What keeps a text from being a place; undefined for one. */
export function faultOf(text: string): string | undefined {
  if (text === '') return undefined
  if (text.includes('\0')) return 'has a NUL'
  if (Buffer.byteLength(text) > LONGEST) return 'is too long'
  if (/^([/\\]|[A-Za-z]:)/.test(text)) return 'is not relative to the workspace'
  for (const part of text.split('/')) {
    if (part === '') return 'has an empty part'
    if (part === '.' || part === '..') return `has the step ${part}`
    if (part.includes('\\')) return 'has a backslash'
    if (Buffer.byteLength(part) > LONGEST_PART) return 'has a part that is too long'
  }
  return undefined
}

/** @throws ServerError SERVER_REQUEST */
export function checkPlace(text: string, what = 'path'): void {
  const fault = faultOf(text)
  if (fault !== undefined) throw new ServerError('SERVER_REQUEST', `${what}: it ${fault}`)
}

const hasNoFault = (text: string, context: z.RefinementCtx) => {
  const fault = faultOf(text)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: `it ${fault}` })
}

/** A place in the workspace, or the whole of it. Links are looked at when it is used. */
export const anyPlace = z.string().superRefine(hasNoFault)

/** Something in the workspace, as a parameter of a request. */
export const place = z
  .string()
  .min(1)
  .superRefine(hasNoFault)
  .describe('A path in the workspace, with /')

/** A model: a place, or the name of an installed pack. */
export const model = z
  .string()
  .min(1)
  .superRefine(hasNoFault)
  .describe('An ONNX file or a run in the workspace, or the name of an installed pack')
