import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@arcface/server/client'
import { drawnModels, REPOSITORY, sharedModels } from '@arcface/testing'

const ARCFACE = join(REPOSITORY, 'packages/cli/bin/arcface.js')
const SOURCES = join(REPOSITORY, 'packages/studio/src')
const BUILT = join(REPOSITORY, 'packages/server/studio/index.html')
const SCOPES = ['read', 'identify', 'enroll', 'delete', 'admin']

export interface StudioOptions {
  /** Keys of the server's configuration. */
  readonly config?: object
  /** Networks of ../shared, which know faces, or drawn ones, which find something in every noisy picture. Default: drawn. */
  readonly models?: 'shared' | 'drawn'
  /** Whether the server wants keys. Default: false. */
  readonly keys?: boolean
}

/** A real `arcface serve` with the built page, and a data folder of its own, which goes with it. */
export interface Studio {
  /** http://127.0.0.1:port, the same after a `start` */
  readonly url: string
  /** Folder of the server: galleries, keys, audit log. */
  readonly data: string
  /** What the page sees of the disk. */
  readonly workspace: string
  /** May do everything; undefined where none is wanted. */
  readonly key: string | undefined
  /** The server's client, with the key. */
  readonly client: ReturnType<typeof connect>
  /** Ends the server at once, as if the machine had failed. */
  kill(): Promise<void>
  /** Starts it again, at the same address. */
  start(): Promise<void>
  close(): Promise<void>
}

/** Needs `npx tsc -b` and the built page; see `checkBuilt`. */
export async function startStudio(options: StudioOptions = {}): Promise<Studio> {
  checkBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'studio-'))
  const [data, workspace] = [join(folder, 'data'), join(folder, 'workspace')]
  mkdirSync(workspace)
  const key = options.keys ? createKey(data) : undefined
  const config = (port: number) => ({
    ...{ port, data, log: 'warn', workspace: { folder: workspace } },
    // Beside other tests a machine is slow, which is no load to be refused for.
    ...{ load: { eventLoopMs: 60_000 } },
    ...(options.models === 'shared' ? sharedModels() : drawnModels(folder)),
    ...options.config,
  })
  const serve = async (port: number) => {
    const path = join(folder, 'server.yaml')
    writeFileSync(path, JSON.stringify(config(port)))
    return serving(path)
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  let running: Serving
  try {
    running = await serve(0)
  } catch (error) {
    remove()
    throw error
  }
  const { url } = running
  const start = async () => {
    running = await serve(Number(new URL(url).port))
  }
  const close = async () => {
    await running.end('SIGTERM')
    remove()
  }
  const client = connect({ url, ...(key !== undefined && { key }) })
  return { url, data, workspace, key, client, kill: () => running.end('SIGKILL'), start, close }
}

interface Serving {
  readonly url: string
  end(signal: NodeJS.Signals): Promise<void>
}

async function serving(config: string): Promise<Serving> {
  const child = spawn(process.execPath, [ARCFACE, 'serve', '--config', config, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-10_000)
  })
  const closed = once(child, 'close')
  const [line] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    closed.then(() => {
      throw new Error(`the server ended before it listened: ${said}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await closed
  }
  return { url: JSON.parse(line).url, end }
}

function createKey(data: string): string {
  const scopes = SCOPES.flatMap((scope) => ['--scope', scope])
  const args = ['keys', 'create', 'everything', ...scopes, '--data', data, '--json']
  const { stdout, stderr } = spawnSync(process.execPath, [ARCFACE, ...args], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).key
}

/** @throws where the page that the server hands out is missing, or older than its sources */
function checkBuilt(): void {
  const built = existsSync(BUILT) ? statSync(BUILT).mtimeMs : 0
  const newer = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|\/)(e2e|testing)(\/|$)|\.test\./.test(name))
    .map((name) => statSync(join(SOURCES, name)))
    .some((one) => one.isFile() && one.mtimeMs > built)
  if (newer) throw new Error('the page is older than its sources: npm run build -w @arcface/studio')
}
