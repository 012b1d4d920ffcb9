/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const serverErrors = {
  SERVER_CONFIG: {
    meaning: 'The configuration has an unknown key or a value that is none.',
    status: 500,
  },
  SERVER_KEYS: {
    meaning: 'The file of keys cannot be read, or is damaged.',
    status: 500,
  },
  SERVER_LISTEN: {
    meaning: 'The address cannot be listened on.',
    status: 500,
  },
  SERVER_REQUEST: {
    meaning: 'A parameter, a part or a body is missing or not what it should be.',
    status: 400,
  },
  SERVER_KEY: {
    meaning: 'No key was given, or one that is unknown, expired or revoked.',
    status: 401,
  },
  SERVER_SCOPE: {
    meaning: 'The key does not allow this, or not in this gallery.',
    status: 403,
  },
  SERVER_TOKEN: {
    meaning:
      'A request that changes something came by the cookie of a session, and not from its page.',
    status: 403,
  },
  SERVER_ORIGIN: {
    meaning: 'A server without keys answers programs of its own machine, and no pages of others.',
    status: 403,
  },
  SERVER_ROUTE: {
    meaning: 'Nothing lies at this address.',
    status: 404,
  },
  SERVER_JOB: {
    meaning: 'No job has this id, or none that the key may see.',
    status: 404,
  },
  SERVER_CHALLENGE: {
    meaning: 'No challenge of this id is under way, or none that the key may see.',
    status: 404,
  },
  SERVER_MISSING: {
    meaning: 'Nothing lies at this place of the workspace.',
    status: 404,
  },
  SERVER_TASK: {
    meaning: 'No task has this id.',
    status: 404,
  },
  SERVER_METHOD: {
    meaning: 'The address does not take this method.',
    status: 405,
  },
  SERVER_TIMEOUT: {
    meaning: 'The request did not arrive in time.',
    status: 408,
  },
  SERVER_CONFLICT: {
    meaning: 'It is there already, or is being made.',
    status: 409,
  },
  SERVER_COMMAND: {
    meaning: 'This server has no command that it could run.',
    status: 409,
  },
  SERVER_TOO_LARGE: {
    meaning: 'A body, a part, a header or an address is larger than is taken.',
    status: 413,
  },
  SERVER_TYPE: {
    meaning: 'The body is of a type that is not taken here.',
    status: 415,
  },
  SERVER_REPEAT: {
    meaning: 'An idempotency key was used for another request before.',
    status: 422,
  },
  SERVER_RATE: {
    meaning: 'More requests came than this key or this address may make.',
    status: 429,
  },
  SERVER_INTERNAL: {
    meaning: 'Something failed that nobody foresaw. The log has more.',
    status: 500,
  },
  SERVER_BUSY: {
    meaning: 'More work waits than is done in time.',
    status: 503,
  },
  SERVER_AUDIT: {
    meaning: 'The audit log cannot be written, without which nothing is answered.',
    status: 503,
  },
  SERVER_DISK_FULL: {
    meaning: "The server's disk is full. What was acknowledged is there.",
    status: 507,
  },
  SERVER_STOPPING: {
    meaning: 'The server is stopping, or not ready yet.',
    status: 503,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type ServerErrorCode = keyof typeof serverErrors

/** What stands in the way of an answer. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined
  /** Seconds after which to ask again. */
  readonly retryAfter: number | undefined

  constructor(
    readonly code: ServerErrorCode,
    message: string,
    {
      hint,
      retryAfter,
      ...options
    }: ErrorOptions & {
      readonly hint?: string | undefined
      readonly retryAfter?: number | undefined
    } = {},
  ) {
    super(message, options)
    this.hint = hint
    this.retryAfter = retryAfter
  }
}
