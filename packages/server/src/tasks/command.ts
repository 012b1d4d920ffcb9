import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'

/** Where the output of a task's command goes, in its folder. */
export const OUT = 'out.json'
export const LOG = 'log.txt'

/** Requests go before it. */
const NICE = 10

/**
 * Starts a command that outlives this process.
 * @param command program and arguments
 * @param cwd where it runs @param folder of its output
 */
export function startCommand(
  command: readonly string[],
  cwd: string,
  folder: string,
): ChildProcess {
  const descriptors = [OUT, LOG].map((name) => openSync(join(folder, name), 'a', 0o600))
  const [out, log] = descriptors
  try {
    const child = spawn(command[0]!, command.slice(1), {
      cwd,
      detached: true,
      stdio: ['ignore', out!, log!],
      env: environment(),
    })
    child.unref()
    if (child.pid !== undefined) lower(child.pid)
    return child
  } finally {
    for (const one of descriptors) closeSync(one)
  }
}

/** That of the server, without what configures it. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ARCFACE_SERVER_'))
  return { ...Object.fromEntries(own), ARCFACE_PROGRESS: 'json' }
}

function lower(pid: number): void {
  try {
    setPriority(pid, NICE)
  } catch {
    // It has ended, or the system knows of no priorities.
  }
}
