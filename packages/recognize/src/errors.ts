import { VisionError } from '@arcface/vision'

/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const recognizeErrors = {
  RECOGNIZE_LOAD: {
    meaning: 'ONNX Runtime cannot load the file.',
    status: 422,
  },
  RECOGNIZE_BACKEND: {
    meaning: 'ONNX Runtime is not installed as the backend asked for, or not at all.',
    status: 500,
  },
  RECOGNIZE_PREPROCESSING: {
    meaning: 'The sidecar file of a model cannot be read.',
    status: 422,
  },
  RECOGNIZE_RUN: {
    meaning: 'The network failed on a batch.',
    status: 500,
  },
  RECOGNIZE_PHOTO: {
    meaning: 'A photograph cannot be read, or has too many pixels.',
    status: 422,
  },
  RECOGNIZE_PACK: {
    meaning: 'A model pack is unknown, not installed, or not described as it should be.',
    status: 404,
  },
  RECOGNIZE_CACHE: {
    meaning: 'The folder of the models cannot be read or written.',
    status: 500,
  },
  RECOGNIZE_LICENCE: {
    meaning: 'A licence that forbids commercial use was not accepted.',
    status: 403,
  },
  RECOGNIZE_UNVERIFIED: {
    meaning: 'No checksum of a download is known, and taking it all the same was not allowed.',
    status: 403,
  },
  RECOGNIZE_DOWNLOAD: {
    meaning: 'A download failed.',
    status: 502,
  },
  RECOGNIZE_CHECKSUM: {
    meaning: 'What lies in the cache is not what the pack names.',
    status: 422,
  },
  RECOGNIZE_EXPORT: {
    meaning: 'The model cannot be written so: too few faces, or too far from the float32 model.',
    status: 422,
  },
  RECOGNIZE_USE: {
    meaning: 'An option is out of range, or what is asked is already closed.',
    status: 400,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type RecognizeErrorCode = keyof typeof recognizeErrors

/** What stands in the way of recognising; the message names the model or file and says what to do. */
export class RecognizeError extends Error {
  override readonly name = 'RecognizeError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: RecognizeErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}

/** Whether it is one photograph that something is wrong with: work on many passes it over and says so. */
export const isOfPhoto = (error: unknown): error is RecognizeError | VisionError =>
  (error instanceof RecognizeError && error.code === 'RECOGNIZE_PHOTO') ||
  (error instanceof VisionError && ['VISION_MANY_FACES', 'VISION_POOR_FACE'].includes(error.code))
