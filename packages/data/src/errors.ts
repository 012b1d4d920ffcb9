/** What went wrong with data on disk or with a request to this room. */
export type DataErrorCode =
  | 'DATA_FOLDER_MISSING'
  | 'DATA_EMPTY_FOLDER'
  | 'DATA_SINGLE_IMAGE'
  | 'DATA_IMAGE_UNREADABLE'
  | 'DATA_IMAGE_SIZE'
  | 'DATA_NO_GOOD_IMAGE'
  | 'DATA_PAIRS_FORMAT'
  | 'DATA_PAIRS_IMAGE'
  | 'DATA_OPTION'
  | 'DATA_LOADER_BUSY'
  | 'DATA_LOADER_CLOSED'
  | 'DATA_WORKER_DIED'
  | 'DATA_WRITE'
  | 'DATA_LOCKED'
  | 'DATA_FILE'
  | 'DATA_RECORDS'
  | 'DATA_RECORD_INDEX'
  | 'DATA_PICKLE'
  | 'DATA_PICKLE_CODE'
  | 'DATA_BIN'
  | 'DATA_WEIGHTS'
  | 'DATA_LIST'

/** Every error of @arcface/data that a user can cause. The message names the thing and says what to do. */
export class DataError extends Error {
  override readonly name = 'DataError'
  readonly code: DataErrorCode

  constructor(code: DataErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
