import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

interface FoundFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** All files below a folder; one that goes away meanwhile, or a folder, is none. */
export async function filesBelow(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(none)
  const found = await Promise.all(
    entries.map((entry: Dirent) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return filesBelow(path)
      return entry.isFile() ? fileAt(path) : []
    }),
  )
  return found.flat()
}

const fileAt = (path: string): Promise<FoundFile[]> =>
  stat(path).then(
    ({ size, mtimeMs }) => [{ path, size, mtimeMs }],
    () => [],
  )

function none(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return []
  throw error
}

/** Bytes of all files below a folder. */
export const bytesIn = async (folder: string): Promise<number> =>
  (await filesBelow(folder)).reduce((sum, { size }) => sum + size, 0)
