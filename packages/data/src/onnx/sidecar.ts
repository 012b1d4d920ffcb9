import { existsSync } from 'node:fs'
import { readText } from '@arcface/files'
import { OnnxError } from '@arcface/onnx'
import type { Sidecar } from '@arcface/vision'

/**
 * `<file>.json` beside a model of others (`face.onnx.json`), which says what it wants; nothing where there is none.
 * @throws OnnxError ONNX_UNREADABLE
 */
export function readSidecar(path: string): Sidecar | undefined {
  const name = `${path}.json`
  if (!existsSync(name)) return undefined
  const refuse = (why: string, cause: unknown) =>
    new OnnxError('ONNX_UNREADABLE', `${name}: ${why}`, { cause })
  let text: string
  try {
    text = readText(name)
  } catch (cause) {
    throw refuse('cannot be read', cause)
  }
  try {
    return { name, content: JSON.parse(text) }
  } catch (cause) {
    throw refuse('not JSON; mend or remove it', cause)
  }
}
