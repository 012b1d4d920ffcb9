import { OnnxError, type OnnxErrorCode } from '@arcface/onnx'
import { VisionError, type VisionErrorCode } from '@arcface/vision'
import { BrowserError, type BrowserErrorCode } from '../errors.js'

/** An error on its way between page and worker. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly hint?: string | undefined
}

export const sentError = (error: unknown): SentError => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, code, hint } = error as Error & { code?: unknown; hint?: unknown }
  return {
    name,
    message,
    // DOMExceptions have numbers.
    ...(typeof code === 'string' && { code }),
    ...(typeof hint === 'string' && { hint }),
  }
}

/** The error of the worker, of its own class here. */
export function receivedError({ name, message, code, hint }: SentError): Error {
  if (code !== undefined) {
    if (name === 'BrowserError')
      return new BrowserError(code as BrowserErrorCode, message, { hint })
    if (name === 'VisionError') return new VisionError(code as VisionErrorCode, message, { hint })
    if (name === 'OnnxError') return new OnnxError(code as OnnxErrorCode, message, { hint })
  }
  return Object.assign(new Error(message), { name })
}
