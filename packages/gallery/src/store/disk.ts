import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** All files below a folder; one that goes away meanwhile is none. */
export async function filesBelow(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) =>
      stat(path).then(
        ({ size, mtimeMs }) => [{ path, size, mtimeMs }],
        () => [],
      ),
    )
  return (await Promise.all(files)).flat()
}

/** Bytes of all files below a folder. */
export const bytesIn = async (folder: string): Promise<number> =>
  (await filesBelow(folder)).reduce((sum, { size }) => sum + size, 0)
