import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVE = fileURLToPath(new URL('../../dist/testing/serve.js', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** Ends it at once, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>
}

/**
 * Starts a server that a test may kill.
 * @param config as `checkConfig`; port 0 for any that is free @param tasks the command of tasks @param by a command that starts it, `sh -c 'exec "$@"' sh`
 */
export async function serverProcess(
  config: object,
  by: readonly string[] = [],
  tasks: readonly string[] = [],
): Promise<ServerProcess> {
  const [command, ...args] = [...by, process.execPath, SERVE, JSON.stringify(config), ...tasks]
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const [line] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    closed.then(() => {
      throw new Error('the server ended before it listened')
    }),
  ])
  const kill = async () => {
    child.kill('SIGKILL')
    await closed
  }
  return { url: String(line).trim(), pid: child.pid!, kill }
}
