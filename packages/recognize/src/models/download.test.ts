import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PackInput } from '@arcface/vision'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { masked } from './http.js'
import { parsePack } from './pack.js'
import { pullPack } from './pull.js'

/** Begins as gzip does; what it holds nobody unpacks here. */
const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) >> 3))
const checksum = `sha512:${createHash('sha512').update(bytes).digest('hex')}`

type Handler = (request: IncomingMessage, response: ServerResponse) => void
let handle: Handler
const requests: IncomingMessage[] = []
const started: Server[] = []
const start = async (handler: Handler) => {
  const server = createServer(handler)
  started.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, at: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}
let host: string
beforeAll(async () => {
  const { at } = await start((request, response) => {
    requests.push(request)
    handle(request, response)
  })
  host = at
})
afterAll(() => {
  for (const server of started) server.close()
})

let cache: string
let home: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'download-'))
  home = mkdtempSync(join(tmpdir(), 'home-'))
  requests.length = 0
  vi.stubEnv('HOME', home)
  vi.stubEnv('npm_config_userconfig', join(home, '.npmrc'))
  for (const name of [
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy',
    'npm_config_registry',
  ]) {
    vi.stubEnv(name, '')
    vi.stubEnv(name.toUpperCase(), '')
  }
})
afterEach(() => vi.unstubAllEnvs())
const npmrc = (...lines: string[]) => writeFileSync(join(home, '.npmrc'), lines.join('\n'))

const send =
  (data: Buffer, type = 'application/octet-stream'): Handler =>
  ({ headers }, response) => {
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    if (from > 0)
      response.setHeader('content-range', `bytes ${from}-${data.length - 1}/${data.length}`)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': data.length - from,
      'content-type': type,
    })
    response.end(data.subarray(from))
  }

const packOf = (more: Partial<PackInput['downloads'][number]> = {}) =>
  parsePack(
    {
      name: 'one',
      title: 'a model',
      licence: { name: 'MIT', url: 'https://example.org', commercial: true },
      downloads: [
        {
          format: 'onnx',
          sources: [{ kind: 'npm', package: '@a/b', version: '1.0.0' }],
          checksum,
          files: [{ name: 'model.onnx' }],
          ...more,
        },
      ],
      embedder: { file: 'model.onnx' },
    },
    'a test',
  )
const web = (path = 'model.onnx') => ({ kind: 'https' as const, url: `http://${host}/${path}` })
const installed = () => readFileSync(join(cache, 'packs/one/model.onnx'))
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    ({ code, message, hint }) => `${code}: ${message} ${hint}`,
  )

describe("npm's settings", () => {
  it('name the registry, and the token that belongs to it', async () => {
    npmrc(`registry=http://${host}/npm/`, `//${host}/npm/:_authToken=s3cret`)
    handle = (request, response) =>
      request.headers.authorization === 'Bearer s3cret'
        ? send(bytes)(request, response)
        : response.writeHead(401).end()
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect(requests.map(({ url }) => url)).toEqual(['/npm/@a/b/-/b-1.0.0.tgz'])
  })

  it('name the registry of a scope', async () => {
    npmrc('registry=http://127.0.0.1:9/', `@a:registry=http://${host}/scoped/`)
    handle = send(bytes)
    await pullPack(packOf(), { cache })
    expect(requests.map(({ url }) => url)).toEqual(['/scoped/@a/b/-/b-1.0.0.tgz'])
  })

  it('may hold a login, which no message shows and no other host gets', async () => {
    npmrc(`registry=http://ada:s3cretpass@${host}/`)
    handle = (_, response) => response.writeHead(401).end()
    const message = await messageOf(pullPack(packOf(), { cache }))
    expect(message).toMatch(/^RECOGNIZE_DOWNLOAD: http:\/\/\*\*\*@.*HTTP 401.*\.npmrc/)
    expect(message).not.toMatch(/ada|s3cretpass/)
    const login = `Basic ${Buffer.from('ada:s3cretpass').toString('base64')}`
    expect(requests[0]!.headers.authorization).toBe(login)

    const other = await start((request, response) => {
      requests.push(request)
      send(bytes)(request, response)
    })
    handle = (_, response) => response.writeHead(302, { location: `http://${other.at}/x` }).end()
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect(requests.at(-1)!.headers.authorization).toBeUndefined()
  })

  it('and the environment name proxies, and hosts that need none', async () => {
    const asked: string[] = []
    const proxy = await start((request, response) => {
      asked.push(request.url!)
      send(bytes)(request, response)
    })
    proxy.server.on('connect', ({ url }, socket) => {
      asked.push(`CONNECT ${url}`)
      const to = connect(Number(url!.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        to.pipe(socket).pipe(to)
      })
      to.on('error', () => socket.destroy())
      socket.on('error', () => to.destroy())
    })
    const sources = [{ kind: 'https' as const, url: 'http://models.example/m.onnx' }]
    npmrc(`proxy=http://ada:s3cretpass@${proxy.at}`)
    await pullPack(packOf({ sources }), { cache })
    expect(asked).toEqual(['http://models.example/m.onnx'])

    npmrc('')
    asked.length = 0
    vi.stubEnv('https_proxy', `http://ada:s3cretpass@${proxy.at}`)
    const secure = [{ kind: 'https' as const, url: `https://${host}/m.onnx` }]
    const failed = pullPack(packOf({ sources: secure }), { cache: join(cache, 'b') })
    const message = await messageOf(failed) // the server behind it speaks no TLS
    expect(asked[0]).toBe(`CONNECT ${host}`)
    expect(message).toMatch(/^RECOGNIZE_DOWNLOAD.*HTTPS_PROXY/)
    expect(message).not.toContain('s3cretpass')

    asked.length = 0
    vi.stubEnv('no_proxy', '127.0.0.1')
    handle = send(bytes)
    vi.stubEnv('http_proxy', `http://${proxy.at}`)
    await pullPack(packOf({ sources: [web()] }), { cache: join(cache, 'c') })
    expect(asked).toEqual([])
    vi.stubEnv('no_proxy', '')
    await pullPack(packOf({ sources: [web()] }), { cache: join(cache, 'd') })
    expect(asked).toEqual([`http://${host}/model.onnx`])
  })

  it('of a proxy that is none are named', async () => {
    vi.stubEnv('http_proxy', 'socks5://ada:s3cretpass@127.0.0.1:9')
    const message = await messageOf(pullPack(packOf({ sources: [web()] }), { cache }))
    expect(message).toMatch(/the proxy socks5:\/\/\*\*\*@127\.0\.0\.1:9 is no http/)
  })
})

describe('what is no part of the file', () => {
  const page = Buffer.from('<html>login</html>')
  it('ends the download, and is not kept', async () => {
    handle = send(page, 'text/html')
    const message = await messageOf(pullPack(packOf({ sources: [web()] }), { cache }))
    expect(message).toMatch(/is no ONNX file, it begins with "<html>login.*`from`/)
    handle = send(bytes)
    await pullPack(packOf({ sources: [web()] }), { cache })
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined])
    expect(installed()).toEqual(bytes)
  })

  it('is known by its length where that of the file is known', async () => {
    handle = send(Buffer.alloc(18))
    const pack = packOf({ sources: [web()], size: bytes.length })
    expect(await messageOf(pullPack(pack, { cache }))).toMatch(/has 18 bytes, not 100000/)
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['a page', page],
    ['other bytes', Buffer.alloc(18, 9)],
  ])('is brought anew where an older call left %s', async (_, left) => {
    await pullPack(packOf({ sources: [web()] }), { cache: join(cache, 'other') }).catch(() => {})
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 1000))
    }
    const stop = new AbortController()
    const onProgress = () => stop.abort()
    const first = pullPack(packOf({ sources: [web()] }), { cache, signal: stop.signal, onProgress })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const folder = join(cache, 'downloads')
    const [part] = readdirSync(folder)
    writeFileSync(join(folder, part!), left)
    handle = send(bytes)
    await pullPack(packOf({ sources: [web()] }), { cache })
    expect(installed()).toEqual(bytes)
  })
})

describe('without a network', () => {
  it('a download that was brought by other means is installed, if it is the right one', async () => {
    const file = join(cache, 'brought.onnx')
    const wrong = join(cache, 'wrong.onnx')
    writeFileSync(file, bytes)
    writeFileSync(wrong, bytes.subarray(1))
    const refused = await messageOf(pullPack(packOf(), { cache, from: [wrong] }))
    expect(refused).toMatch(/^FILES_CHECKSUM: wrong\.onnx/)
    const missing = await messageOf(pullPack(packOf(), { cache, from: [join(cache, 'none')] }))
    expect(missing).toMatch(/^RECOGNIZE_DOWNLOAD: .*none is no file/)
    await pullPack(packOf(), { cache, from: [wrong, file] })
    expect(installed()).toEqual(bytes)
    expect(requests).toHaveLength(0)
  })

  it('a cache that cannot be written says what to set', async () => {
    const blocked = join(cache, 'file')
    writeFileSync(blocked, '')
    handle = send(bytes)
    const message = await messageOf(
      pullPack(packOf({ sources: [web()] }), { cache: join(blocked, 'cache') }),
    )
    expect(message).toMatch(/^RECOGNIZE_CACHE: .*ENOTDIR.*ARCFACE_CACHE/)
  })
})

describe('masked', () => {
  it.each([
    ['http://a:b@h/x', 'http://***@h/x'],
    ['https://h/x?token=1', 'https://h/x?***'],
    ['https://h/x', 'https://h/x'],
    ['no address', 'no address'],
  ])('%s', (address, shown) => {
    expect(masked(address)).toBe(shown)
  })
})
