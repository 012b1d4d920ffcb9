/** Codes of the errors that this room throws. */
export type TorchErrorCode =
  | 'TORCH_NOT_BUILT' // the add-on is missing or does not load
  | 'TORCH_ARGUMENT' // a value that an operator or function cannot take
  | 'TORCH_SHAPE' // sides that do not fit the data
  | 'TORCH_DISPOSED' // a tensor used after it was freed
  | 'TORCH_OPERATOR' // an operator refused; the message has its name, shapes and dtypes
  | 'TORCH_UNKNOWN_OPERATOR' // this libtorch has no such operator
  | 'TORCH_ENGINE' // anything else that libtorch threw
  | 'TORCH_LIBRARY' // a library of custom operators did not load
  | 'TORCH_SCOPE' // an asynchronous body in a synchronous scope
  | 'TORCH_STATE_DICT' // weights of another architecture
  | 'TORCH_SAFETENSORS' // a file that is no whole safetensors file
  | 'TORCH_DISK_FULL'
  | 'TORCH_FILE'
  | 'TORCH_LAUNCH' // the environment of a group of processes is not whole
  | 'TORCH_GROUP' // no group, no such backend, or a second group
  | 'TORCH_PORT' // the port of rank 0 is in use
  | 'TORCH_PEER_LOST' // another process of the group is gone
  | 'TORCH_TIMEOUT' // another process of the group did not come in time

/** Every error of this room. `message` says what to do. */
export class TorchError extends Error {
  override readonly name = 'TorchError'
  constructor(
    readonly code: TorchErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
