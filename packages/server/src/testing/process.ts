import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVE = fileURLToPath(new URL('../../dist/testing/serve.js', import.meta.url))

export interface ServerProcess {
  readonly url: string
  /** Ends it at once, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>
}

/** Starts a server that a test may kill. @param config as `checkConfig`; port 0 for any that is free */
export async function serverProcess(config: object): Promise<ServerProcess> {
  const child = spawn(process.execPath, [SERVE, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
  return { url: String(line).trim(), kill }
}
