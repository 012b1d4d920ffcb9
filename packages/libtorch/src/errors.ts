/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const torchErrors = {
  TORCH_NOT_BUILT: {
    meaning: 'The add-on is missing or does not load.',
    status: 503,
  },
  TORCH_SETUP: {
    meaning: 'The add-on cannot be built here.',
    status: 503,
  },
  TORCH_ARGUMENT: {
    meaning: 'A value that an operator or function cannot take.',
    status: 400,
  },
  TORCH_SHAPE: {
    meaning: 'Sides do not fit the data.',
    status: 400,
  },
  TORCH_DISPOSED: {
    meaning: 'A tensor is used after it was freed.',
    status: 500,
  },
  TORCH_OPERATOR: {
    meaning: 'An operator refused; the message has its name, shapes and dtypes.',
    status: 400,
  },
  TORCH_UNKNOWN_OPERATOR: {
    meaning: 'This libtorch has no such operator.',
    status: 501,
  },
  TORCH_ENGINE: {
    meaning: 'Anything else that libtorch threw.',
    status: 500,
  },
  TORCH_LIBRARY: {
    meaning: 'A library of custom operators did not load.',
    status: 500,
  },
  TORCH_SCOPE: {
    meaning: 'An asynchronous body in a synchronous scope.',
    status: 500,
  },
  TORCH_STATE_DICT: {
    meaning: 'Weights of another architecture.',
    status: 422,
  },
  TORCH_SAFETENSORS: {
    meaning: 'A file is no whole safetensors file.',
    status: 422,
  },
  TORCH_DISK_FULL: {
    meaning: 'The disk is full.',
    status: 507,
  },
  TORCH_FILE: {
    meaning: 'A file cannot be read or written.',
    status: 500,
  },
  TORCH_LAUNCH: {
    meaning: 'The environment of a group of processes is not whole.',
    status: 400,
  },
  TORCH_GROUP: {
    meaning: 'No group, no such backend, or a second group.',
    status: 409,
  },
  TORCH_PORT: {
    meaning: 'The port of rank 0 is in use.',
    status: 409,
  },
  TORCH_PEER_LOST: {
    meaning: 'Another process of the group is gone.',
    status: 503,
  },
  TORCH_TIMEOUT: {
    meaning: 'Another process of the group did not come in time.',
    status: 504,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type TorchErrorCode = keyof typeof torchErrors

/** Every error of this room. The message names the thing and says what is wrong with it. */
export class TorchError extends Error {
  override readonly name = 'TorchError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: TorchErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
