import type { PreprocessingInput, Thresholds } from '@arcface/onnx'

/** Where a file of a model is: its address, or itself. */
export type FileSource = string | URL | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob

/** A file of a model, and what is known of it. */
export interface FileGiven {
  readonly from: FileSource
  /** Hexadecimal: what the file must be. */
  readonly sha256?: string | undefined
  /** What errors and galleries call it. Default: the last part of its address. */
  readonly name?: string | undefined
}

/** An embedder of others, and how it wants its pixels. */
export interface EmbedderGiven extends FileGiven {
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
}

/** The models of a recognizer: the address of a pack's `pack.json`, or each file. */
export type ModelsGiven =
  | string
  | URL
  | {
      readonly detector: FileSource | FileGiven
      /** Of a detector that gives no points. */
      readonly landmarks?: FileSource | FileGiven | undefined
      readonly embedder: FileSource | EmbedderGiven
    }

/** As `ModelsGiven`, for the worker: addresses are absolute, since its own base is another. */
export function absoluteModels(models: ModelsGiven, base: string): ModelsGiven {
  if (typeof models === 'string' || models instanceof URL) return absolute(models, base)
  const { detector, landmarks, embedder } = models
  return {
    detector: file(detector, base),
    ...(landmarks !== undefined && { landmarks: file(landmarks, base) }),
    embedder: file(embedder, base),
  }
}

/** @throws TypeError where it is no address */
export const absolute = (address: string | URL, base: string): string => new URL(address, base).href

function file<T extends FileSource | FileGiven>(given: T, base: string): T {
  if (!isGiven(given)) return isAddress(given) ? (absolute(given, base) as T) : given
  const { from } = given
  return isAddress(from) ? { ...(given as T & object), from: absolute(from, base) } : given
}

const isAddress = (from: FileSource): from is string | URL =>
  typeof from === 'string' || from instanceof URL

/** Whether more is said of a file than where it is. */
export const isGiven = (one: FileSource | FileGiven): one is FileGiven =>
  typeof one === 'object' && 'from' in one
