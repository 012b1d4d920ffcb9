import { decodeModel, externalFiles } from '@arcface/onnx'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'

/** Why ONNX Runtime does not load a model. */
export function loadFailed(name: string, bytes: Uint8Array, cause: unknown): BrowserError {
  const [beside] = filesBeside(name, bytes)
  if (beside === undefined)
    return new BrowserError(
      'BROWSER_LOAD',
      `${name}: ONNX Runtime cannot load it: ${messageOf(cause)}`,
      { cause },
    )
  return new BrowserError(
    'BROWSER_LOAD',
    `${name} keeps weights in another file (${beside}), and a page loads a model from one`,
    {
      cause,
      hint: 'Write it in one file: `onnx.save(onnx.load(FILE), OTHER)`, or with PyTorch `torch.onnx.export(..., external_data=False)`.',
    },
  )
}

function filesBeside(name: string, bytes: Uint8Array): string[] {
  try {
    return externalFiles(decodeModel(bytes, name), name)
  } catch {
    return [] // what is no model at all
  }
}
