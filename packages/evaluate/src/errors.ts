/** What stands in the way of an evaluation; the message names the thing and says what to do. */
export class EvaluateError extends Error {
  override readonly name = 'EvaluateError'
  constructor(
    readonly code: /** Lengths or positions of the pairs do not fit together. */
      | 'EVALUATE_PAIRS'
      /** Too few folds, or a fold without genuine or without impostor pairs. */
      | 'EVALUATE_FOLDS'
      /** The number of embeddings or their length is wrong. */
      | 'EVALUATE_SHAPE'
      /** An embedding is zero, or not finite. */
      | 'EVALUATE_EMBEDDING'
      /** A FAR outside 0 to 1, or a batch size that is no positive integer. */
      | 'EVALUATE_OPTION',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
