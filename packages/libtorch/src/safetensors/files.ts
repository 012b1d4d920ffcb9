import { FilesError, type FilesErrorCode, InputFile } from '@arcface/files'
import { TorchError, type TorchErrorCode } from '../errors.js'

const codes: Partial<Record<FilesErrorCode, TorchErrorCode>> = {
  FILES_SAFETENSORS: 'TORCH_SAFETENSORS',
  FILES_DISK_FULL: 'TORCH_DISK_FULL',
}

/** What @arcface/files has against a file, as an error of this room. */
export function torchError(cause: unknown): unknown {
  if (!(cause instanceof FilesError)) return cause
  const { message, hint } = cause
  return new TorchError(codes[cause.code] ?? 'TORCH_FILE', message, { cause, hint })
}

/** Opens a file for `body`, and closes it. @throws TorchError TORCH_FILE, TORCH_SAFETENSORS; what `body` throws */
export function withFile<T>(path: string, body: (file: InputFile) => T): T {
  try {
    using file = new InputFile(path)
    return body(file)
  } catch (cause) {
    throw torchError(cause)
  }
}
