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
      /** A template without images, or one that nobody described. */
      | 'EVALUATE_TEMPLATE'
      /** Labels of people that do not fit the rows or the pairs, or too few people. */
      | 'EVALUATE_IDENTITY'
      /** An option out of its range: a FAR outside 0 to 1, a batch of half an image, ... */
      | 'EVALUATE_OPTION',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
