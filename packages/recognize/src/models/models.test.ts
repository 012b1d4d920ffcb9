import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { type PackInput, registry } from '@arcface/vision'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { copyPack } from './copy.js'
import { installedPack, installedPacks, openPack } from './installed.js'
import { findPack, parsePack, readPack } from './pack.js'
import { pullPack } from './pull.js'

const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3))
const sha512 = (data: Buffer) => `sha512:${createHash('sha512').update(data).digest('hex')}`

type Handler = (request: IncomingMessage, response: ServerResponse) => void
let handle: Handler
const requests: IncomingMessage[] = []
const server = createServer((request, response) => {
  requests.push(request)
  handle(request, response)
})
let base: string
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

let cache: string
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'models-'))
  requests.length = 0
})

/** As servers of files do, with ranges. */
const serve =
  (data: Buffer): Handler =>
  ({ headers }, response) => {
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
    if (from > 0)
      response.setHeader('content-range', `bytes ${from}-${data.length - 1}/${data.length}`)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': data.length - from })
    response.end(data.subarray(from))
  }

type Options = Partial<PackInput['downloads'][number]> & { commercial?: boolean }
const packOf = ({ commercial = true, ...more }: Options = {}) =>
  parsePack(
    {
      name: 'one',
      title: 'a model',
      licence: { name: 'MIT', url: 'https://example.org', commercial },
      downloads: [
        {
          format: 'onnx',
          sources: [{ kind: 'https', url: `${base}/model.onnx` }],
          checksum: sha512(bytes),
          files: [{ name: 'model.onnx' }],
          ...more,
        },
      ],
      embedder: { file: 'model.onnx' },
    },
    'a test',
  )
const installed = () => readFileSync(join(cache, 'packs/one/model.onnx'))
const refused = (code: string, message = /./, hint?: RegExp) => ({
  code: code.includes('_') ? code : `RECOGNIZE_${code}`,
  message: expect.stringMatching(message),
  ...(hint && { hint: expect.stringMatching(hint) }),
})
/** Nothing half done is found as a pack. */
const nothingInstalled = async () => {
  expect(await installedPack('one', cache)).toBeUndefined()
  expect(existsSync(join(cache, 'packs/one'))).toBe(false)
}

describe('pullPack', () => {
  it('installs once, and tells what lies there', async () => {
    handle = serve(bytes)
    const { files } = await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect(files['model.onnx']).toMatchObject({
      size: bytes.length,
      sha512: sha512(bytes).slice(7),
    })
    await pullPack(packOf(), { cache })
    expect(requests.length).toBe(1)
    expect((await installedPacks(cache)).map(({ pack }) => pack.name)).toEqual(['one'])
    expect((await openPack('one', cache)).pack.embedder?.file).toBe('model.onnx')
    expect(readdirSync(join(cache, 'downloads'))).toEqual([])
    expect(readdirSync(join(cache, 'temporary'))).toEqual([])
  })

  it('goes on where the connection broke', async () => {
    let breaks = 2
    handle = (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      if (breaks-- <= 0) return serve(bytes)(request, response)
      if (from > 0)
        response.setHeader('content-range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`)
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from })
      response.write(bytes.subarray(from, from + 100_000), () =>
        setTimeout(() => response.destroy(), 50),
      )
    }
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect(requests.map(({ headers }) => headers.range !== undefined)).toEqual([false, true, true])
  })

  it('goes on where an aborted call stopped', async () => {
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 100_000))
    }
    const stop = new AbortController()
    const onProgress = (done: number) => done >= 100_000 && stop.abort()
    const first = pullPack(packOf(), { cache, signal: stop.signal, onProgress })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    await nothingInstalled()
    handle = serve(bytes)
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect(requests[1]!.headers.range).toBe('bytes=100000-')
  })

  it('takes a server without ranges, and one that answers another range', async () => {
    let first = true
    handle = (request, response) => {
      if (!first) {
        if (requests.length === 2) {
          response.writeHead(206, { 'content-range': 'bytes 5-9/300000' })
          response.end(bytes.subarray(5, 10))
        } else serve(bytes)({ ...request, headers: {} } as IncomingMessage, response)
        return
      }
      first = false
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 50))
    }
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
  })

  it('refuses other bytes, and forgets them', async () => {
    handle = serve(Buffer.alloc(bytes.length))
    await expect(pullPack(packOf(), { cache })).rejects.toMatchObject(
      refused('FILES_CHECKSUM', /sha512 is/),
    )
    await nothingInstalled()
    handle = serve(bytes)
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
  })

  it('takes the next source where one fails', async () => {
    handle = (request, response) =>
      request.url === '/b'
        ? serve(bytes)(request, response)
        : serve(Buffer.of(1))(request, response)
    const sources = ['/a', '/b'].map((path) => ({ kind: 'https' as const, url: base + path }))
    await pullPack(packOf({ sources }), { cache })
    expect(installed()).toEqual(bytes)
  })

  const answer =
    (status: number, headers = {}): Handler =>
    (_, response) =>
      response.writeHead(status, headers).end()
  it.each<[string, Handler, RegExp]>([
    ['404', answer(404), /HTTP 404/],
    ['a server that fails for good', answer(503), /HTTP 503/],
    ['redirects in a circle', answer(302, { location: '/again' }), /more than 5 redirects/],
    ['a redirect to a file', answer(302, { location: 'file:///etc/passwd' }), /redirects to file:/],
  ])('ends with a coded error at %s', async (_, handler, message) => {
    handle = handler
    await expect(pullPack(packOf(), { cache })).rejects.toMatchObject(refused('DOWNLOAD', message))
    await nothingInstalled()
  })

  it('does not read on beyond the size that the pack names', async () => {
    handle = (_, response) => {
      response.write(bytes)
      response.end(bytes)
    }
    const pack = packOf({ size: 1000 })
    await expect(pullPack(pack, { cache })).rejects.toMatchObject(refused('DOWNLOAD', /larger/))
  })

  it('survives several calls at once', async () => {
    handle = serve(bytes)
    await Promise.all(Array.from({ length: 6 }, () => pullPack(packOf(), { cache })))
    expect(installed()).toEqual(bytes)
    expect(await installedPack('one', cache)).toBeDefined()
    expect(readdirSync(join(cache, 'downloads'))).toEqual([])
  })

  it('clears what calls that were killed left', async () => {
    handle = serve(bytes)
    for (const [folder, name] of [
      ['temporary', 'one.5f0c'],
      ['downloads', `${'a'.repeat(64)}.host.7.5f0c.part`],
      ['downloads', 'unknown.part'],
    ] as const) {
      mkdirSync(join(cache, folder), { recursive: true })
      writeFileSync(join(cache, folder, name), 'left')
    }
    await pullPack(packOf(), { cache })
    expect(readdirSync(cache).sort()).toEqual(['.lock', 'downloads', 'packs', 'temporary'])
    for (const folder of ['downloads', 'temporary'])
      expect(readdirSync(join(cache, folder))).toEqual([])
  })

  it('asks for a licence, and for files that nobody can check', async () => {
    handle = serve(bytes)
    const licence = packOf({ commercial: false })
    await expect(pullPack(licence, { cache })).rejects.toMatchObject(
      refused('LICENCE', /may not be used commercially/, /acceptLicence/),
    )
    const unknown = packOf({ checksum: null })
    await expect(pullPack(unknown, { cache })).rejects.toMatchObject(
      refused('UNVERIFIED', /no checksum is known/, /allowUnverified/),
    )
    expect(requests.length).toBe(0)
    await pullPack(unknown, { cache, allowUnverified: true })
    await pullPack(licence, { cache, acceptLicence: true })
  })

  it('installs local files, and replaces a pack that is now another', async () => {
    const sources = [{ kind: 'file' as const, path: 'm.onnx' }]
    writeFileSync(join(cache, 'm.onnx'), bytes)
    await pullPack(packOf({ sources }), { cache, base: cache })
    const other = Buffer.from('another')
    writeFileSync(join(cache, 'm.onnx'), other)
    await pullPack(packOf({ sources, checksum: sha512(other) }), { cache, base: cache })
    expect(installed()).toEqual(other)
    const missing = packOf({ sources: [{ kind: 'file', path: 'none.onnx' }] })
    await expect(pullPack(missing, { cache, base: cache })).rejects.toMatchObject(
      refused('DOWNLOAD'),
    )
  })

  it('brings members of a tarball from the registry of npm', async () => {
    handle = serve(
      tgz([entry('package/readme', Buffer.alloc(700)), entry('package/m.onnx', bytes)]),
    )
    const sources = [{ kind: 'npm' as const, package: '@a/b', version: '1.0.0' }]
    const files = [{ name: 'model.onnx', member: 'package/m.onnx', checksum: sha512(bytes) }]
    const pack = packOf({ format: 'tgz', sources, files, checksum: null })
    await pullPack(pack, { cache, registry: `${base}/npm/` })
    expect(installed()).toEqual(bytes)
    expect(requests[0]!.url).toBe('/npm/@a/b/-/b-1.0.0.tgz')
  })
})

/** A member as POSIX describes it. */
function entry(
  name: string,
  data: Buffer,
  { type = '0', size = data.length, link = '' } = {},
): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write('ustar\0' + '00', 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, data, Buffer.alloc(-data.length & 511)])
}
const tgz = (entries: Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]))

/** A zip of one member, as the APPNOTE describes it. */
function zip(
  name: string,
  data: Buffer,
  { mode = 0o100644, size = data.length, times = 1, store = false, sum = crc32(data) } = {},
) {
  const packed = store ? data : deflateRawSync(data)
  const [local, central, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)]
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(name.length, 26)
  central.writeUInt32LE(0x02014b50)
  central.writeUInt16LE(store ? 0 : 8, 10)
  central.writeUInt32LE(sum, 16)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(size, 24)
  central.writeUInt16LE(name.length, 28)
  central.writeUInt32LE(mode * 2 ** 16, 38)
  const list = Buffer.concat(
    Array.from({ length: times }, () => [central, Buffer.from(name)]).flat(),
  )
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(30 + name.length + packed.length, 16)
  return Buffer.concat([local, Buffer.from(name), packed, list, end])
}

describe('archives', () => {
  const pull = (format: 'tgz' | 'zip', archive: Buffer, size?: number) => {
    handle = serve(archive)
    const files = [{ name: 'model.onnx', member: 'm.onnx', ...(size && { size }) }]
    return pullPack(packOf({ format, files, checksum: sha512(archive) }), { cache })
  }

  it.each([true, false])('zip, stored %s, in whatever folder', async (store) => {
    await pull('zip', zip('buffalo/m.onnx', bytes, { store }))
    expect(installed()).toEqual(bytes)
  })

  it('write only what is wanted, where we want it', async () => {
    const evil = [entry('../../evil', bytes), entry('/evil', bytes), entry('package/evil', bytes)]
    await pull('tgz', tgz([...evil, entry('m.onnx', bytes)]))
    expect(readdirSync(join(cache, 'packs/one')).sort()).toEqual(['model.onnx', 'pack.json'])
    expect(existsSync(join(cache, 'evil')) || existsSync(join(cache, '../evil'))).toBe(false)
  })

  it('are left as soon as all is found', async () => {
    const noise = Buffer.from(Float64Array.from({ length: 1e6 }, (_, i) => Math.sin(i)).buffer)
    await pull('tgz', tgz([entry('m.onnx', bytes), entry('more', noise)]))
    expect(installed()).toEqual(bytes)
  })

  const whole = tgz([entry('m.onnx', bytes)])
  const damaged = Buffer.from(whole)
  damaged[whole.length >> 1]! ^= 255
  const header = entry('m.onnx', bytes)
  header[0]! ^= 1
  it.each<[string, 'tgz' | 'zip', Buffer, number?]>([
    ['a link', 'tgz', tgz([entry('m.onnx', Buffer.alloc(0), { type: '2', link: '/etc/passwd' })])],
    ['a hard link', 'tgz', tgz([entry('m.onnx', Buffer.alloc(0), { type: '1', link: 'x' })])],
    ['another size', 'tgz', whole, 12],
    ['a size beyond its end', 'tgz', tgz([entry('m.onnx', bytes, { size: 1e9 })])],
    ['a member missing', 'tgz', tgz([entry('n.onnx', bytes)])],
    ['a cut', 'tgz', whole.subarray(0, 2000)],
    ['a changed byte', 'tgz', damaged],
    ['a damaged header', 'tgz', tgz([header])],
    ['a link in a zip', 'zip', zip('m.onnx', Buffer.from('/etc/passwd'), { mode: 0o120777 })],
    ['a bomb', 'zip', zip('m.onnx', Buffer.alloc(1e6), { size: 1000 })],
    ['two of a name', 'zip', zip('m.onnx', bytes, { times: 2 })],
    ['a zip without the member', 'zip', zip('n.onnx', bytes)],
    ['a zip cut short', 'zip', zip('m.onnx', bytes).subarray(0, 200)],
    ['a wrong sum', 'zip', zip('m.onnx', bytes, { sum: 1 })],
    ['a wrong sum of what is stored', 'zip', zip('m.onnx', bytes, { sum: 1, store: true })],
    ['more stored than its list says', 'zip', zip('m.onnx', bytes, { store: true, size: 20 })],
    ['less stored than its list says', 'zip', zip('m.onnx', bytes, { store: true, size: 1e6 })],
  ])('with %s are refused', async (_, format, archive, size) => {
    await expect(pull(format, archive, size)).rejects.toMatchObject(refused('FILES_ARCHIVE'))
    await nothingInstalled()
  })
})

describe('packs', () => {
  it('known by name all have licences and checksums', () => {
    for (const { name, downloads } of registry) {
      expect(findPack(name).name).toBe(name)
      for (const { checksum } of downloads) expect(checksum).toMatch(/^sha/)
    }
    expect(() => findPack('none')).toThrow(expect.objectContaining(refused('PACK', /faceplugin/)))
  })

  it('say how likely a cosine is of one person, also when they are written and read again', () => {
    const known = findPack('faceplugin')
    expect(known.embedder?.thresholds?.calibration?.measured.people).toBe(286)
    expect(parsePack(JSON.parse(JSON.stringify(known)), 'a test')).toEqual(known)
    const wrong = structuredClone(known) as PackInput
    wrong.embedder!.thresholds!.calibration!.points.reverse()
    expect(() => parsePack(wrong, 'a test')).toThrow(
      expect.objectContaining(refused('PACK', /calibration\.points: cosines rise/)),
    )
  })

  it.each([
    ['a name with a folder', { name: '../x' }],
    ['a name that is taken for a file', { name: 'pack.json' }],
    ['a name that objects have', { name: '__proto__' }],
    ['a name that no disk takes', { name: 'n'.repeat(300) }],
    ['a part that no download gives', { detector: 'other.onnx' }],
    ['a word nobody knows', { colour: 1 }],
    [
      'a download from elsewhere',
      {
        downloads: [
          {
            format: 'onnx',
            sources: [{ kind: 'https', url: 'file:///x' }],
            files: [{ name: 'model.onnx' }],
          },
        ],
      },
    ],
  ])('with %s are refused', (_, more) => {
    const bad = { ...packOf(), ...more }
    expect(() => parsePack(bad, 'a test')).toThrow(
      expect.objectContaining(refused('PACK', /a test/)),
    )
  })

  it('are not described where their files lie, and take no member twice', () => {
    const bad = (...files: object[]) => {
      const sources = [{ kind: 'file', path: 'm.tgz' }]
      const downloads = [{ format: 'tgz', sources, files }]
      return () => parsePack({ ...packOf(), embedder: null, downloads }, 'a test')
    }
    const code = (message: RegExp) => expect.objectContaining(refused('PACK', message))
    expect(bad({ name: 'Pack.json' })).toThrow(code(/another name/))
    expect(bad({ name: 'x', member: 'm' }, { name: 'y', member: 'm' })).toThrow(code(/two names/))
    expect(bad({ name: 'x', member: 'm' }, { name: 'y', member: 'n' })).not.toThrow()
  })

  it('are read from a file, which is refused by name where it is none', async () => {
    const path = join(cache, 'mine.json')
    writeFileSync(path, JSON.stringify(packOf()))
    expect(await readPack(path)).toEqual(packOf())
    writeFileSync(path, '{"name": ')
    await expect(readPack(path)).rejects.toMatchObject(refused('PACK', /mine\.json/))
    await expect(readPack(join(cache, 'none.json'))).rejects.toMatchObject({ code: 'FILES_READ' })
  })

  it('that are not installed are named with what installs them', async () => {
    await expect(openPack('yunet', cache)).rejects.toMatchObject(
      refused('PACK', /yunet is not installed/, /pullPack\(findPack\('yunet'\)\)/),
    )
    await expect(openPack('../x', cache)).rejects.toMatchObject(refused('PACK', /known packs/))
  })

  const path = () => join(cache, 'packs/one/model.onnx')
  const changed = Buffer.from(bytes)
  changed.fill(0, 1000, 2000)
  it.each<[string, () => void]>([
    ['changed in place', () => writeFileSync(path(), changed)],
    ['cut short', () => writeFileSync(path(), bytes.subarray(0, 1000))],
    ['lost', () => rmSync(path())],
  ])('whose file was %s are not used, and pulled anew', async (_, damage) => {
    handle = serve(bytes)
    await pullPack(packOf(), { cache })
    damage()
    await expect(openPack('one', cache)).rejects.toMatchObject(
      refused('CHECKSUM', /model\.onnx of the model pack one /, /what it was installed from/),
    )
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
    expect((await openPack('one', cache)).pack.name).toBe('one')
  })

  it('that rotted without a trace in the times are found by a pull', async () => {
    handle = serve(bytes)
    await pullPack(packOf(), { cache })
    const { mtime } = statSync(path())
    writeFileSync(path(), changed)
    utimesSync(path(), mtime, mtime)
    await pullPack(packOf(), { cache })
    expect(installed()).toEqual(bytes)
  })

  it('are the same packs after a copy, in a cache that cannot be written, and of an older version', async () => {
    handle = serve(bytes)
    await pullPack(packOf(), { cache })
    const manifest = join(cache, 'packs/one/pack.json')
    const old = JSON.parse(readFileSync(manifest, 'utf8'))
    delete old.files['model.onnx'].changed
    writeFileSync(manifest, JSON.stringify(old))
    utimesSync(path(), new Date(), new Date(0))
    chmodSync(join(cache, 'packs/one'), 0o555)
    expect((await openPack('one', cache)).pack.name).toBe('one')
    chmodSync(join(cache, 'packs/one'), 0o755)
    await openPack('one', cache)
    const known = JSON.parse(readFileSync(manifest, 'utf8'))
    expect(known.files['model.onnx'].changed).toBe(0)
  })
})

describe('copyPack', () => {
  it('lays a pack into a folder, as whoever serves it reads it', async () => {
    handle = serve(bytes)
    const folder = join(cache, 'public/one')
    const pack = await pullPack(packOf(), { cache })
    await copyPack(pack, folder)
    await copyPack(pack, folder)
    expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'pack.json'])
    expect(readFileSync(join(folder, 'model.onnx'))).toEqual(bytes)
    expect(JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'))).toEqual({
      pack: pack.pack,
      files: { 'model.onnx': { size: bytes.length, sha512: sha512(bytes).slice(7) } },
    })
    const modes = [folder, join(folder, 'model.onnx'), join(folder, 'pack.json')].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o777, 0o666, 0o666].map((mode) => mode & ~process.umask()))
  })
})
