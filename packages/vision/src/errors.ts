/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const visionErrors = {
  VISION_MODEL_SHAPE: {
    meaning: 'It is no network from 112x112 images to one embedding each.',
    status: 422,
  },
  VISION_PREPROCESSING: {
    meaning: 'The preprocessing given is not valid.',
    status: 422,
  },
  VISION_IMAGES: {
    meaning: 'The images given are not n x 112 x 112 x 3.',
    status: 400,
  },
  VISION_DETECTOR: {
    meaning: 'It is no detector that is known here.',
    status: 422,
  },
  VISION_LIVENESS: {
    meaning:
      'It is no network that tells living faces from pictures of them, as its pack describes it.',
    status: 422,
  },
  VISION_EMBEDDING: {
    meaning: 'An embedding is zero or not finite.',
    status: 422,
  },
  VISION_NO_FACE: {
    meaning: 'A photograph shows no face.',
    status: 422,
  },
  VISION_POOR_FACE: {
    meaning:
      'The face of a photograph is too small, blurred, dark, covered or turned away to be recognised, or to be enrolled.',
    status: 422,
  },
  VISION_MANY_FACES: {
    meaning: 'A photograph shows several faces where one is wanted.',
    status: 422,
  },
  VISION_USE: {
    meaning: 'An option is out of range, or what is asked is already closed.',
    status: 400,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type VisionErrorCode = keyof typeof visionErrors

/** What stands in the way of recognising; the message names the model or photograph and says what to do. */
export class VisionError extends Error {
  override readonly name = 'VisionError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined
  /** Of VISION_POOR_FACE: what speaks against the face, see `Rejection`. */
  readonly rejected: readonly string[] | undefined

  constructor(
    readonly code: VisionErrorCode,
    message: string,
    {
      hint,
      rejected,
      ...options
    }: ErrorOptions & {
      readonly hint?: string | undefined
      readonly rejected?: readonly string[] | undefined
    } = {},
  ) {
    super(message, options)
    this.hint = hint
    this.rejected = rejected
  }
}
