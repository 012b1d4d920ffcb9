import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { digestOf, unreadable } from '@arcface/files'
import { externalFiles, OnnxError } from '@arcface/onnx'
import { readModel } from './read.js'

export interface ModelDigests {
  /**
   * What a model is known by: the SHA-256 of its file, hexadecimal. Of one that keeps weights beside it, the SHA-256 of the
   * lines `<sum>  <name>` of the file, without a name, and of those weights, as `sha256sum` writes them.
   */
  readonly sha256: string
  /** What such a one was known by before weights in other files counted: the SHA-256 of its file alone. */
  readonly olderSha256?: string | undefined
}

/** @throws OnnxError as `readModel`, and ONNX_UNREADABLE where weights are missing */
export async function modelDigests(path: string): Promise<ModelDigests> {
  const own = await sha256(path)
  const files = externalFiles(await readModel(path), path)
  if (files.length === 0) return { sha256: own }
  const lines = [`${own}  \n`]
  for (const file of files) lines.push(`${await sha256(join(dirname(path), file))}  ${file}\n`)
  const all = createHash('sha256').update(lines.join('')).digest('hex')
  return { sha256: all, olderSha256: own }
}

/** What a model is known by. @throws as `modelDigests` */
export const modelDigest = async (path: string): Promise<string> =>
  (await modelDigests(path)).sha256

async function sha256(path: string): Promise<string> {
  try {
    return await digestOf(path, 'sha256')
  } catch (cause) {
    throw new OnnxError('ONNX_UNREADABLE', unreadable(path, cause).message, { cause })
  }
}
