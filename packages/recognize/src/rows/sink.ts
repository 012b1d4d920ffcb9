import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'

/** A file that grows by rows. */
export interface Sink<T> {
  add(rows: readonly T[]): Promise<void>
  /** Without it the file is no whole one. */
  close(): Promise<void>
}

/**
 * Writes a file under another name, then gives it its own: one of that name is whole, also after a failure of the power.
 * @throws what `work` and the file system throw; then a file that was there before is still there
 */
export async function writeWhole<T>(
  file: string,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    // Faces and embeddings are their owner's alone, whatever the umask.
    rmSync(temporary, { force: true })
    closeSync(openSync(temporary, 'wx', 0o600))
    const result = await work(temporary)
    const written = openSync(temporary, 'r+')
    fsyncSync(written)
    closeSync(written)
    renameSync(temporary, file)
    return result
  } finally {
    rmSync(temporary, { force: true })
  }
}
