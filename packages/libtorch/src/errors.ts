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
  TORCH_OUT_OF_MEMORY: {
    meaning: 'The device has no memory left for what was asked.',
    status: 507,
  },
  TORCH_DEVICE_LOST: {
    meaning: 'A GPU failed; this process can use it no more.',
    status: 503,
  },
  TORCH_DRIVER: {
    meaning: 'No GPU that this libtorch can use: no driver, one too old, or another kind of GPU.',
    status: 503,
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

/** What libtorch, CUDA and their libraries say when it is not the operator's fault. */
const deviceWords: readonly (readonly [RegExp, TorchErrorCode])[] = [
  [
    /[Oo]ut of [Mm]emory|can't allocate memory|not enough memory|_STATUS_ALLOC_FAILED|_ALLOCATION_FAILED/,
    'TORCH_OUT_OF_MEMORY',
  ],
  [
    /NVIDIA driver on your system is too old|no NVIDIA driver|driver version is insufficient|no CUDA-capable device|no kernel image is available|forward compatibility was attempted|Cannot initialize CUDA|CUDA driver initialization failed|display driver \/ cuda driver combination|not compiled with CUDA/,
    'TORCH_DRIVER',
  ],
  [
    /unspecified launch failure|illegal memory access|device-side assert|uncorrectable ECC|GPU is lost|fallen off the bus|launch timed out|misaligned address|hardware stack error|illegal instruction was|invalid program counter|busy or unavailable|CUDA (?:driver )?error: unknown error/,
    'TORCH_DEVICE_LOST',
  ],
]

/** The code of a message of libtorch's that tells of the device and not of what was called; null for others. */
export const deviceCode = (message: string): TorchErrorCode | null =>
  deviceWords.find(([words]) => words.test(message))?.[1] ?? null
