import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { type TestServer, testServer } from '../testing/server.js'

let server: TestServer
let workspace: string
let outside: string
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await testServer()
  workspace = join(server.folder, 'workspace')
  client = connect({ url: server.url })
  outside = join(server.folder, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  symlinkSync(outside, join(workspace, 'out'))
  symlinkSync(join(outside, 'secret.txt'), join(workspace, 'secret.txt'))
  symlinkSync(join(outside, 'later.txt'), join(workspace, 'nowhere.txt'))
})
afterAll(() => server.close())

function put(path: string, content: string | Uint8Array = ''): string {
  const whole = join(workspace, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}
const entries = async (query: { path?: string; after?: string; limit?: number } = {}) =>
  (await client.GET('/v1/workspace/entries', { params: { query } })).data!
const fetched = (what: string, path: string, more = '') =>
  fetch(`${server.url}/v1/workspace/${what}?path=${encodeURIComponent(path)}${more}`)
const send = (path: string, body: string | Uint8Array, more = '') =>
  fetch(`${server.url}/v1/workspace/files?path=${encodeURIComponent(path)}${more}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain' },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })

/** What leaves the workspace, or is no place. */
const HOSTILE = [
  ...[
    '..',
    '../x.txt',
    'a/../../x.txt',
    '/etc/passwd',
    'a\0.txt',
    'a//b.txt',
    './a.txt',
    'C:\\a.txt',
  ],
  ...['\\\\host\\a.txt', 'out/secret.txt', 'secret.txt', 'nowhere.txt', `${'x'.repeat(300)}.txt`],
]
describe('the workspace', () => {
  it('is a folder of the server for its user alone', async () => {
    expect(statSync(workspace).mode & 0o777).toBe(0o700)
    const { data } = await client.GET('/v1/workspace')
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    )
    expect(data).toEqual({
      folder: workspace,
      commands: false,
      version,
      tasks: { running: 0, waiting: 0 },
    })
    // Without a command nothing is started, and says what would help.
    const body = { kind: 'verification', model: 'a', pairs: 'b' } as const
    const { error } = await client.POST('/v1/tasks', { body })
    expect(error).toMatchObject({
      code: 'SERVER_COMMAND',
      hint: expect.stringContaining('arcface serve'),
    })
  })

  it('tells of what lies there what it is', async () => {
    put('kinds/run/config.yaml')
    put('kinds/run/metrics.jsonl')
    put('kinds/ablation/arc-seed-1/config.yaml')
    put('kinds/people/Ada/1.jpg')
    put('kinds/folder/notes.md')
    put('kinds/model.onnx')
    put('kinds/train.yaml')
    put('kinds/faces.csv')
    put('kinds/pairs.txt', '10\t300\nAda 1 2\n')
    put('kinds/list.txt', 'Ada/1.jpg\n')
    put('kinds/lfw.bin')
    put('kinds/photo.JPG', 'abc')
    put('kinds/.hidden')
    symlinkSync(join(workspace, 'kinds/model.onnx'), join(workspace, 'kinds/link.onnx'))
    symlinkSync(server.folder, join(workspace, 'kinds/up'))
    symlinkSync('loop', join(workspace, 'kinds/loop'))
    const found = await entries({ path: 'kinds' })
    expect(Object.fromEntries(found.entries.map(({ name, kind }) => [name, kind]))).toEqual({
      ...{ run: 'run', ablation: 'ablation', people: 'people', folder: 'folder' },
      ...{
        'model.onnx': 'model',
        'link.onnx': 'model',
        'train.yaml': 'config',
        'faces.csv': 'list',
      },
      ...{ 'pairs.txt': 'pairs', 'list.txt': 'list', 'lfw.bin': 'pairs', 'photo.JPG': 'image' },
    })
    expect(found.entries.find(({ name }) => name === 'photo.JPG')).toMatchObject({
      ...{ path: 'kinds/photo.JPG', bytes: 3 },
      modified: statSync(join(workspace, 'kinds/photo.JPG')).mtime.toISOString(),
    })
    expect((await entries()).entries.map(({ name }) => name)).toEqual(['kinds', 'tasks'])
  })

  it('is paged, also with names of any script and of the greatest length', async () => {
    const names = [
      '\u0645\u0631\u064a\u0645',
      'n'.repeat(255),
      "a'b&c=d#e%20",
      '\u202egpj',
      '\u{1f600}',
      'a b',
      '-rf',
    ]
    for (const name of names) put(`names/${name}`)
    const seen: string[] = []
    for (let after: string | null = ''; after !== null; ) {
      const page = await entries({ path: 'names', after, limit: 2 })
      seen.push(...page.entries.map(({ name }) => name))
      after = page.next
    }
    expect(seen).toEqual([...names].sort())
    for (const name of names) expect((await fetched('files', `names/${name}`)).status).toBe(200)
  })

  it.each(HOSTILE)('does not give %j', async (path) => {
    for (const what of ['entries', 'files', 'pictures']) {
      const answer = await fetched(what, path)
      expect([what, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        what,
        400,
        'SERVER_REQUEST',
      ])
    }
  })
})

describe('a file of the workspace', () => {
  it('comes byte by byte, as nothing that a browser shows', async () => {
    const bytes = new Uint8Array(300_000).map((_, i) => i % 251)
    put('page.html', bytes)
    const answer = await fetched('files', 'page.html')
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      ...{ 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' },
      'content-disposition': "attachment; filename*=UTF-8''page.html",
      'content-security-policy': "default-src 'none'; sandbox",
    })
    put('empty.txt')
    expect(await (await fetched('files', 'empty.txt')).text()).toBe('')
    expect((await fetched('files', 'none.txt')).status).toBe(404)
    mkdirSync(join(workspace, 'a-folder'))
    expect((await fetched('files', 'a-folder')).status).toBe(400)
  })

  it('is put there whole, and replaced only where that is asked for', async () => {
    const read = (path: string) => readFileSync(join(workspace, path), 'utf8')
    const first = await send('lists/new/a.txt', 'one\n')
    expect([first.status, await first.json()]).toEqual([201, { path: 'lists/new/a.txt', bytes: 4 }])
    expect(statSync(join(workspace, 'lists/new/a.txt')).mode & 0o777).toBe(0o600)
    const second = await send('lists/new/a.txt', 'two\n')
    expect([
      second.status,
      ((await second.json()) as { code: string }).code,
      read('lists/new/a.txt'),
    ]).toEqual([409, 'SERVER_CONFLICT', 'one\n'])
    expect((await send('lists/new/a.txt', 'two\n', '&replace=true')).status).toBe(200)
    expect(read('lists/new/a.txt')).toBe('two\n')
    // Of two that come at once one is told, and what is there is one of them.
    const both = await Promise.all(['x', 'y'].map((text) => send('race.txt', text.repeat(1e6))))
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(read('race.txt')).toMatch(/^(x{1000000}|y{1000000})$/)
  })

  it('is a text, and none of what is the server’s or a run’s', async () => {
    put('a-run/config.yaml')
    put('a-run/metrics.jsonl')
    symlinkSync('tasks', join(workspace, 'work'))
    for (const path of [
      'a.exe',
      'a',
      '.json',
      'tasks/x/task.json',
      'tasks/a.txt',
      'work/a.txt',
      'a-run/config.yaml',
      'a-run/x/a.txt',
    ])
      expect([path, (await send(path, 'x', '&replace=true')).status]).toEqual([path, 400])
    expect((await send('bytes.txt', new Uint8Array([0xff, 0xfe]))).status).toBe(400)
    expect((await send('folder.txt/a.txt', 'x')).status).toBe(201)
    expect((await send('folder.txt', 'x', '&replace=true')).status).toBe(409)
    for (const path of HOSTILE)
      expect([path, (await send(path, 'x', '&replace=true')).status]).toEqual([path, 400])
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret')
    expect(existsSync(join(outside, 'later.txt'))).toBe(false)
  })
})

describe('a photograph of the workspace', () => {
  it('is made small, and turned upright', async () => {
    // Red above, blue below, and a tag that says: turn it by a quarter to the right.
    const half = { width: 400, height: 100, channels: 3 as const }
    const photo = await sharp({ create: { ...half, height: 200, background: 'red' } })
      .composite([{ input: { create: { ...half, background: 'blue' } }, top: 100, left: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer()
    put('photo.jpg', photo)
    const answer = await fetched('pictures', 'photo.jpg', '&side=64')
    expect(answer.headers.get('content-type')).toBe('image/jpeg')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    const { data, info } = await sharp(await answer.arrayBuffer())
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([32, 64])
    const at = (x: number, y: number) => [...data.subarray(3 * (y * 32 + x), 3 * (y * 32 + x) + 3)]
    const [left, right] = [at(2, 32), at(29, 32)]
    expect([left[2]! > 200, left[0]! < 60, right[0]! > 200, right[2]! < 60]).toEqual([
      true,
      true,
      true,
      true,
    ])
    const tag = answer.headers.get('etag')!
    const again = await fetch(answer.url, { headers: { 'if-none-match': tag } })
    expect(again.status).toBe(304)
    // None is made larger.
    const whole = await fetched('pictures', 'photo.jpg', '&side=1024')
    expect((await sharp(await whole.arrayBuffer()).metadata()).height).toBe(400)
  })

  it('that will not decode is refused, and names no path of the machine', async () => {
    put('bad.jpg', 'no picture')
    put(
      'torn.jpg',
      readFileSync(
        put(
          'photo2.jpg',
          await sharp({ create: { width: 900, height: 900, channels: 3, background: 'red' } })
            .jpeg()
            .toBuffer(),
        ),
      ).subarray(0, 900),
    )
    for (const path of ['bad.jpg', 'torn.jpg', 'none.jpg', 'a-folder']) {
      const answer = await fetched('pictures', path)
      const text = await answer.text()
      expect([
        path,
        answer.status >= 400 && answer.status < 500,
        text.includes(server.folder),
      ]).toEqual([path, true, false])
    }
    expect((await fetched('pictures', 'bad.jpg', '&side=5000')).status).toBe(400)
  })
})
