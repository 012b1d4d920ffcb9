/** Codes of the errors that this room throws. */
export type TrainErrorCode =
  | 'TRAIN_CONFIG' // a configuration that cannot be used; the message names the key
  | 'TRAIN_BACKBONE' // no such backbone, or options that it does not take
  | 'TRAIN_LOSS' // no such loss, or settings out of range
  | 'TRAIN_DATA' // too few people or images to train on
  | 'TRAIN_VERIFY' // verification sets that cannot be measured; the message names all that is wrong
  | 'TRAIN_RUN' // a run folder that is missing, in use or not one
  | 'TRAIN_CHECKPOINT' // a checkpoint that is missing, broken or of another architecture
  | 'TRAIN_WEIGHTS' // weights to begin with that fit nowhere, or parts to freeze that are none
  | 'TRAIN_DEVICE' // nothing can be computed on the device
  | 'TRAIN_DISK_FULL' // nothing written before is lost
  | 'TRAIN_NON_FINITE' // the loss or a gradient is NaN or infinite
  | 'TRAIN_RANKS' // processes that do not fit together: configuration, data, number
  | 'TRAIN_RANK_LOST' // another process of the training failed; the message says what is known of it
  | 'TRAIN_EXPORT' // a network that cannot be written as ONNX

/** Every error of this room. `message` says what to do. */
export class TrainError extends Error {
  override readonly name = 'TrainError'
  constructor(
    readonly code: TrainErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
