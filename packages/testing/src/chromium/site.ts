import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/**
 * A folder on the disk, or files by their path below the site (`models/pack.json`) with what they hold; where that path ends
 * in `/` its value is a folder on the disk.
 */
export type SiteFiles = string | Readonly<Record<string, string | Uint8Array>>

export interface SiteOptions {
  /** Of every answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** The Content-Security-Policy of every answer. */
  readonly csp?: string
  /** Whether its pages are cross-origin isolated, as shared memory and so threads need. Default false. */
  readonly isolated?: boolean
  /** Whether text and WebAssembly go out gzipped, as hosts do it; models and pictures never. Default false. */
  readonly gzip?: boolean
  /** Comes first; true where it answered, or will. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface Site {
  /** http://127.0.0.1:port/, which a browser takes for a secure context. */
  readonly url: string
  /** What was asked for and found or not, in order; `bytes` of the body as they were sent. Not what `answer` answered. */
  readonly requests: { readonly path: string; readonly status: number; readonly bytes: number }[]
  close(): Promise<void>
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
}
const GZIPPED = /text|json|svg|wasm/

/** Serves `files` until it is closed; of two that have a path the first one's. Nothing stays in the browser's HTTP cache. */
export async function serveSite(
  files: SiteFiles | readonly SiteFiles[],
  options: SiteOptions = {},
): Promise<Site> {
  const sources = [files].flat() as SiteFiles[]
  const requests: Site['requests'] = []
  const headers = {
    'cache-control': 'no-store',
    ...(options.isolated && {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    }),
    ...(options.csp !== undefined && { 'content-security-policy': options.csp }),
    ...options.headers,
  }
  const zipped = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    if (options.answer?.(request, response)) return
    const asked = decodeURIComponent(new URL(request.url!, 'http://site').pathname).slice(1)
    const path = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked
    // A browser asks for it unasked.
    if (asked === 'favicon.ico') return void response.writeHead(204).end()
    const found = sources.map((source) => contentOf(source, path)).find((one) => one !== undefined)
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    const zips = found && options.gzip && GZIPPED.test(type)
    if (zips && !zipped.has(path)) zipped.set(path, gzipSync(found))
    const body = (zips ? zipped.get(path) : found) ?? Buffer.from('not found')
    const status = found ? 200 : 404
    response.writeHead(status, {
      ...headers,
      'content-type': type,
      'content-length': body.length,
      ...(zips && { 'content-encoding': 'gzip' }),
    })
    response.end(body)
    requests.push({ path: `/${asked}`, status, bytes: body.length })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function contentOf(source: SiteFiles, path: string): Uint8Array | undefined {
  if (typeof source === 'string') return fileOf(source, path)
  const content = source[path]
  if (content !== undefined) return Buffer.from(content as Uint8Array)
  const mount = Object.keys(source).find((name) => name.endsWith('/') && path.startsWith(name))
  return mount === undefined ? undefined : fileOf(String(source[mount]), path.slice(mount.length))
}

function fileOf(folder: string, path: string): Uint8Array | undefined {
  const file = join(folder, path)
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined
}
