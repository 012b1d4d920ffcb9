import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of all files below a folder. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Whether any file below a folder holds the bytes of an embedding or a picture. */
export function holdsBytes(folder: string, of: Float32Array | Uint8Array): boolean {
  const bytes = Buffer.from(of.buffer, of.byteOffset, of.byteLength)
  return filesBelow(folder).some((path) => readFileSync(path).includes(bytes))
}
