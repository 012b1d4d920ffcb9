/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const evaluateErrors = {
  EVALUATE_PAIRS: {
    meaning: 'Lengths or positions of the pairs do not fit together.',
    status: 422,
  },
  EVALUATE_FOLDS: {
    meaning: 'Too few folds, or a fold without genuine or without impostor pairs.',
    status: 422,
  },
  EVALUATE_SHAPE: {
    meaning: 'The number of embeddings or their length is wrong.',
    status: 422,
  },
  EVALUATE_EMBEDDING: {
    meaning: 'An embedding is zero, or not finite.',
    status: 422,
  },
  EVALUATE_TEMPLATE: {
    meaning: 'A template without images, or one that nobody described.',
    status: 422,
  },
  EVALUATE_IDENTITY: {
    meaning: 'Labels of people that do not fit the rows or the pairs, or too few people.',
    status: 422,
  },
  EVALUATE_GROUPS: {
    meaning:
      'Groups of people that cannot be compared: of one person, of nobody with two images, one group only, values that contradict each other, or nobody of the images.',
    status: 422,
  },
  EVALUATE_CALIBRATION: {
    meaning: 'Too few pairs or people to calibrate by, or cosines that tell nobody apart.',
    status: 422,
  },
  EVALUATE_SCORES: {
    meaning: 'A file that is none of scored pairs, or a damaged one.',
    status: 422,
  },
  EVALUATE_PAD: {
    meaning:
      'Presentations that cannot be measured: nobody living, no attack, none with an answer, or one in no species.',
    status: 422,
  },
  EVALUATE_OPTION: {
    meaning: 'An option out of its range: a FAR outside 0 to 1, a batch of half an image, ...',
    status: 400,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type EvaluateErrorCode = keyof typeof evaluateErrors

/** What stands in the way of an evaluation; the message names the thing and says what to do. */
export class EvaluateError extends Error {
  override readonly name = 'EvaluateError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: EvaluateErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
