import { ServerError } from '../errors.js'

/** After which a client should ask again where nothing tells better. */
export const RETRY_SECONDS = 2

export const busy = (message: string) =>
  new ServerError('SERVER_BUSY', message, { retryAfter: RETRY_SECONDS })
