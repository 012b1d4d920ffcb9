import { stat } from 'node:fs/promises'

const POLL_MS = 1000

/** Files that are read again when they have changed. */
export interface Followed extends Disposable {
  /** Reads them now. */
  reload(): Promise<void>
}

/**
 * Reads files now, and again within seconds when one has changed: written, renamed over, or reached by a link that leads
 * elsewhere, as in a mounted secret of Kubernetes, whose changes no event of the file system tells.
 * @param load reads them all; what it throws the first time is thrown here
 * @param failed is told what `load` throws later, each time anew: until it succeeds, it is tried again
 */
export async function follow(
  paths: readonly string[],
  load: () => void | Promise<void>,
  failed: (error: unknown) => void,
): Promise<Followed> {
  // What lay there before it was read: a change after that is seen the next time.
  let seen = await marksOf(paths)
  await load()
  let work = Promise.resolve()
  const look = async (always: boolean) => {
    const marks = await marksOf(paths)
    if (marks === seen && !always) return
    try {
      await load()
      seen = marks
    } catch (error) {
      seen = ''
      failed(error)
    }
  }
  const queue = (always: boolean) => {
    work = work.then(() => look(always))
    return work
  }
  const timer = setInterval(() => void queue(false), POLL_MS).unref()
  return { reload: () => queue(true), [Symbol.dispose]: () => clearInterval(timer) }
}

/** Says of each file which it is, and when it was last written. */
async function marksOf(paths: readonly string[]): Promise<string> {
  const marks = paths.map(async (path) => {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
      return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    }
  })
  return (await Promise.all(marks)).join('\n')
}
