/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const trainErrors = {
  TRAIN_CONFIG: {
    meaning: 'A configuration cannot be used; the message names the key.',
    status: 400,
  },
  TRAIN_BACKBONE: {
    meaning: 'No such backbone, or options that it does not take.',
    status: 400,
  },
  TRAIN_LOSS: {
    meaning: 'No such loss, or settings out of range.',
    status: 400,
  },
  TRAIN_DATA: {
    meaning: 'Too few people or images to train on, or other ones than before.',
    status: 422,
  },
  TRAIN_VERIFY: {
    meaning: 'Verification sets cannot be measured; the message names all that is wrong.',
    status: 422,
  },
  TRAIN_RUN: {
    meaning: 'A run folder is missing, in use or not one.',
    status: 409,
  },
  TRAIN_CHECKPOINT: {
    meaning: 'A checkpoint is missing, broken or of another architecture.',
    status: 422,
  },
  TRAIN_WEIGHTS: {
    meaning:
      'Weights to begin with are missing, changed or fit nowhere, or parts to freeze are none.',
    status: 422,
  },
  TRAIN_IMPORT: {
    meaning: 'An ONNX graph cannot become a network that trains.',
    status: 422,
  },
  TRAIN_TEACHER: {
    meaning:
      'A teacher is missing, no embedder, sees other pixels, or a student cannot learn of it.',
    status: 422,
  },
  TRAIN_DEVICE: {
    meaning: 'Nothing can be computed on the device.',
    status: 503,
  },
  TRAIN_OUT_OF_MEMORY: {
    meaning: 'The device has no memory left for the training; the message says what to lower.',
    status: 507,
  },
  TRAIN_DEVICE_LOST: {
    meaning: 'A GPU failed during the training; the run can be resumed.',
    status: 503,
  },
  TRAIN_DISK_FULL: {
    meaning: 'The disk is full. Nothing written before is lost.',
    status: 507,
  },
  TRAIN_NON_FINITE: {
    meaning: 'The loss or a gradient is NaN or infinite.',
    status: 422,
  },
  TRAIN_RANKS: {
    meaning: 'Processes do not fit together: configuration, data, number.',
    status: 409,
  },
  TRAIN_RANK_LOST: {
    meaning: 'Another process of the training failed; the message says what is known of it.',
    status: 503,
  },
  TRAIN_EXPORT: {
    meaning: 'A network cannot be written as ONNX.',
    status: 422,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type TrainErrorCode = keyof typeof trainErrors

/** Every error of this room. The message names the thing and says what is wrong with it. */
export class TrainError extends Error {
  override readonly name = 'TrainError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: TrainErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
