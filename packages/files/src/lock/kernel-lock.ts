import { createRequire } from 'node:module'

type TryLock = (descriptor: number) => boolean
let tryLock: TryLock | null | undefined

/**
 * Locks an open file in the kernel (OFD locks on Linux): until that opening is closed, which the kernel does for a
 * process that dies. Two openings exclude each other, also in one process and in two containers.
 * @returns false where another opening holds it; undefined where there is no such lock: the file system has none, or
 *   no binary of `fs-native-extensions` runs here
 */
export function lockInKernel(descriptor: number): boolean | undefined {
  if (tryLock === undefined) tryLock = binding()
  try {
    return tryLock?.(descriptor)
  } catch {
    return undefined
  }
}

function binding(): TryLock | null {
  // Deno loads it, and then ends the process at the first call: it has no libuv.
  if (process.versions.deno !== undefined) return null
  try {
    return createRequire(import.meta.url)('fs-native-extensions').tryLock
  } catch {
    return null
  }
}
