/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const dataErrors = {
  DATA_FOLDER_MISSING: {
    meaning: 'The folder is not there.',
    status: 404,
  },
  DATA_EMPTY_FOLDER: {
    meaning: 'The folder holds no image, or no person.',
    status: 422,
  },
  DATA_SINGLE_IMAGE: {
    meaning: 'A person has one image only where two are needed.',
    status: 422,
  },
  DATA_IMAGE_UNREADABLE: {
    meaning: 'It is no image, or a damaged one.',
    status: 422,
  },
  DATA_IMAGE_SIZE: {
    meaning: 'An aligned face has another size than 112 x 112.',
    status: 422,
  },
  DATA_NO_GOOD_IMAGE: {
    meaning: 'No image of the data can be read.',
    status: 422,
  },
  DATA_PAIRS_FORMAT: {
    meaning: 'A list of pairs is in no known format.',
    status: 422,
  },
  DATA_PAIRS_IMAGE: {
    meaning: 'A list names images that are not there.',
    status: 422,
  },
  DATA_OPTION: {
    meaning: 'An option is out of range.',
    status: 400,
  },
  DATA_LOADER_BUSY: {
    meaning: 'Two calls ask a loader at once.',
    status: 409,
  },
  DATA_LOADER_CLOSED: {
    meaning: 'The loader is closed.',
    status: 409,
  },
  DATA_WORKER_DIED: {
    meaning: 'A thread of the loader ended.',
    status: 500,
  },
  DATA_RECORDS: {
    meaning: 'A RecordIO file is damaged.',
    status: 422,
  },
  DATA_RECORD_INDEX: {
    meaning: 'The index of a RecordIO file does not fit it.',
    status: 422,
  },
  DATA_PICKLE: {
    meaning: 'A pickle is damaged, or larger than it says.',
    status: 422,
  },
  DATA_PICKLE_CODE: {
    meaning: 'A pickle wants to run code.',
    status: 422,
  },
  DATA_BIN: {
    meaning: 'It is no verification .bin.',
    status: 422,
  },
  DATA_WEIGHTS: {
    meaning: 'It is no file of weights that is known here, or a damaged one.',
    status: 422,
  },
  DATA_LIST: {
    meaning: 'A list is in no known format.',
    status: 422,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type DataErrorCode = keyof typeof dataErrors

/** Every error of @arcface/data that a user can cause. The message names the thing and says what to do. */
export class DataError extends Error {
  override readonly name = 'DataError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: DataErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
