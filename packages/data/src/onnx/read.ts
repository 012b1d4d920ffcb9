import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkRegular, messageOf, readRegular } from '@arcface/files'
import { decodeModel, externalFiles, type ModelProto, OnnxError } from '@arcface/onnx'

/**
 * Reads an ONNX file. Weights stay views of the file's bytes (one copy in memory).
 * @throws OnnxError ONNX_UNREADABLE, ONNX_NOT_A_MODEL (truncated, or another kind of file)
 */
export async function readModel(path: string): Promise<ModelProto> {
  const model = decodeModel(await readModelBytes(path), path)
  for (const file of externalFiles(model, path)) checkExternal(path, file)
  return model
}

/** ONNX Runtime opens it by itself, and would wait for whoever writes into a named pipe. One that is missing it names. */
function checkExternal(model: string, file: string): void {
  const path = resolve(dirname(model), file)
  if (!existsSync(path)) return
  try {
    checkRegular(path)
  } catch (cause) {
    throw new OnnxError(
      'ONNX_UNREADABLE',
      `${model}: its weights cannot be read: ${messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

/** The bytes of an ONNX file. @throws OnnxError ONNX_UNREADABLE */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    return await readRegular(path)
  } catch (cause) {
    throw new OnnxError('ONNX_UNREADABLE', messageOf(cause), { cause })
  }
}
