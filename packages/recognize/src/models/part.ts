import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

const OWNER = /\.(.+)\.(\d+)\.[0-9a-f-]{36}\.part$/

/**
 * A partial download that belongs to this call alone. What another call left behind is taken over by renaming it,
 * which only one of several can do; what a living process works on is left to it.
 *
 * @param key the same for downloads of the same bytes
 */
export async function claimPart(folder: string, key: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const own = join(folder, `${key}.${hostname()}.${process.pid}.${randomUUID()}.part`)
  for (const file of await readdir(folder)) {
    if (file !== `${key}.part` && !(file.startsWith(`${key}.`) && abandoned(file))) continue
    try {
      await rename(join(folder, file), own)
      return own
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return own
}

/** Leaves a partial download to the next call. */
export async function releasePart(folder: string, key: string, own: string): Promise<void> {
  await rename(own, join(folder, `${key}.part`)).catch(() => {})
}

/** Whether its owner, on this machine, has died. */
function abandoned(file: string): boolean {
  const [, host, pid] = OWNER.exec(file) ?? []
  if (host !== hostname() || Number(pid) === process.pid) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
