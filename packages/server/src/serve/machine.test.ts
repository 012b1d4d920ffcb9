import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { drawnCommand } from '../testing/command.js'
import { serverProcess } from '../testing/process.js'
import { drawnModels, noisePhoto, testServer } from '../testing/server.js'

// What the machine below a server does: its disk fills, its files go, or may not be written.

const room = mkdtempSync(join(tmpdir(), 'server-machine-'))
const models = drawnModels(room)
const config = { port: 0, log: 'silent', ...models }
afterAll(() => rmSync(room, { recursive: true }))

const path = { gallery: 'staff', person: 'Ada' }
type Client = ReturnType<typeof connect>
const client = ({ url }: { url: string }): Client => connect({ url })
const makeGallery = (api: Client, name = path.gallery) =>
  api.POST('/v1/galleries', { body: { name } })
const embeddingsOf = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => Array.from(face(128, 1000 * seed + i)))
const enroll = (api: Client, seed: number, count = 200) =>
  api.POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
    params: { path },
    body: { embeddings: embeddingsOf(seed, count) },
  })
const facesOf = async (api: Client) => {
  const { data } = await api.GET('/v1/galleries/{gallery}/people/{person}', { params: { path } })
  return data?.faces
}
const detect = async (api: Client) => {
  const photo = new File([new Uint8Array(await noisePhoto(1))], 'noise.png')
  return api.POST('/v1/detect', { body: { photo: [photo] } })
}

const mayMount =
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

describe.skipIf(!mayMount)('a disk that fills (needs the right to mount)', () => {
  it('is told by its code, nothing acknowledged is lost, and the server goes on when there is room', async () => {
    const disk = join(room, 'disk')
    mkdirSync(disk)
    const mount = `mount -t tmpfs -o size=3m tmpfs ${disk} && exec "$@"`
    // The audit log, which would refuse everything, has tests of its own.
    const audit = { whenFull: 'answer' }
    const server = await serverProcess({ ...config, audit, data: join(disk, 'data') }, [
      ...['unshare', '--mount', 'sh', '-c', mount, 'sh'],
    ])
    const api = client(server)
    try {
      await makeGallery(api)
      let seed = 0
      let acknowledged = 0
      let refused: unknown
      while (refused === undefined && seed < 100) {
        const { data, error } = await enroll(api, seed)
        acknowledged += data?.faces.length ?? 0
        if (error) refused = error
        else seed++
      }
      expect(refused).toMatchObject({ status: 507, code: 'GALLERY_DISK_FULL' })
      expect(JSON.stringify(refused)).not.toContain(disk)
      expect(acknowledged).toBeGreaterThan(0)
      expect(await facesOf(api)).toBe(acknowledged)
      expect((await detect(api)).response.status).toBe(200)

      const file = await fetch(`${server.url}/v1/galleries/staff/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/jsonl' },
        body: 'x'.repeat(4 << 20),
      })
      expect(await file.json()).toMatchObject({ status: 507, code: 'SERVER_DISK_FULL' })
      const exported = await fetch(`${server.url}/v1/galleries/staff/export`)
      expect(exported.status).toBeGreaterThanOrEqual(500)
      expect(await exported.text()).not.toContain(disk)

      // Its own mount: from outside nobody sees it.
      const inside = ['--mount', `--target=${server.pid}`]
      execFileSync('nsenter', [...inside, 'mount', '-o', 'remount,size=64m', disk])
      expect((await enroll(api, seed)).response.status).toBe(201)
      expect(await facesOf(api)).toBe(acknowledged + 200)
    } finally {
      await server.kill()
    }
  })
})

describe.skipIf(!mayMount)('a disk of the workspace that fills (needs the right to mount)', () => {
  it('takes no half of a text and starts no task; one that runs ends and is told', async () => {
    const folder = mkdtempSync(join(room, 'workspace-'))
    const mount = `mount -t tmpfs -o size=1m tmpfs ${folder} && exec "$@"`
    const under = ['unshare', '--mount', 'sh', '-c', mount, 'sh']
    const own = { ...config, data: join(room, 'beside'), workspace: { folder } }
    const server = await serverProcess(own, under, drawnCommand(room))
    const api = client(server)
    const put = (path: string, text: string) =>
      fetch(`${server.url}/v1/workspace/files?path=${path}`, { method: 'PUT', body: text })
    const start = (pairs: string) =>
      api.POST('/v1/tasks', { body: { kind: 'verification', model: 'pack', pairs } })
    const names = async () =>
      (await api.GET('/v1/workspace/entries', {})).data!.entries.map(({ name }) => name)
    const stateOf = async (task: string) =>
      (await api.GET('/v1/tasks/{task}', { params: { path: { task } } })).data?.state
    try {
      expect((await put('waits.txt', 'progress 1\nwait go.txt\nout {}\n')).status).toBe(201)
      const { data } = await start('waits.txt')
      await expect.poll(() => stateOf(data!.id)).toBe('running')
      const refused = await put('large.txt', 'x'.repeat(2 << 20))
      expect(await refused.json()).toMatchObject({ status: 507, code: 'FILES_DISK_FULL' })
      expect(await names()).toEqual(['tasks', 'waits.txt'])
      for (const size of [1 << 18, 1 << 16, 1 << 14, 1 << 12])
        for (let i = 0; (await put(`${size}-${i}.txt`, 'x'.repeat(size))).ok; ) i++
      const { error } = await start('waits.txt')
      expect(error).toMatchObject({ status: 507, code: 'FILES_DISK_FULL' })
      expect((await api.GET('/v1/tasks', {})).data!.tasks).toHaveLength(1)
      // Its end cannot be written down, and is known.
      expect((await put('go.txt', '')).status).toBe(201)
      await expect.poll(() => stateOf(data!.id)).not.toBe('running')
      const inside = ['--mount', `--target=${server.pid}`]
      execFileSync('nsenter', [...inside, 'mount', '-o', 'remount,size=8m', folder])
      const second = await start('waits.txt')
      await expect.poll(() => stateOf(second.data!.id)).toBe('done')
    } finally {
      await server.kill()
    }
  })
})

describe.skipIf(!mayMount)('a disk of the audit log that fills (needs the right to mount)', () => {
  it('means that nothing is answered that is not in it, until there is room', async () => {
    const disk = mkdtempSync(join(room, 'audit-'))
    const mount = `mount -t tmpfs -o size=64k tmpfs ${disk} && exec "$@"`
    const folder = join(disk, 'audit')
    const server = await serverProcess({ ...config, audit: { folder }, data: join(room, 'own') }, [
      ...['unshare', '--mount', 'sh', '-c', mount, 'sh'],
    ])
    const model = () => fetch(`${server.url}/v1/model`)
    try {
      let answered = 0
      let refused: unknown
      while (refused === undefined && answered < 1000) {
        const answer = await model()
        if (answer.ok) answered++
        else refused = await answer.json()
      }
      expect(refused).toMatchObject({ status: 507, code: 'SERVER_DISK_FULL' })
      expect((await model()).status).toBe(507)
      const inside = ['--mount', `--target=${server.pid}`]
      execFileSync('nsenter', [...inside, 'mount', '-o', 'remount,size=1m', disk])
      expect((await model()).status).toBe(200)
      const cat = ['sh', '-c', `cat ${folder}/*.jsonl`]
      const text = execFileSync('nsenter', [...inside, ...cat], { encoding: 'utf8' })
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      const kinds = (kind: string) => lines.filter((line) => line.kind === kind)
      expect(kinds('request')).toHaveLength(answered + 1)
      expect(kinds('gap')).toMatchObject([{ lines: 2 }])
    } finally {
      await server.kill()
    }
  })
})

describe('files of a model', () => {
  it('may go while the server runs: it has read them', async () => {
    const own = mkdtempSync(join(room, 'model-'))
    const server = await testServer({ ...drawnModels(own) })
    const api = client(server)
    try {
      await makeGallery(api)
      rmSync(own, { recursive: true })
      expect((await detect(api)).data?.photos[0]?.faces?.length).toBeGreaterThan(0)
      expect((await enroll(api, 1, 2)).response.status).toBe(201)
      await makeGallery(api, 'later')
      expect((await api.GET('/v1/galleries')).data?.galleries).toEqual(['later', 'staff'])
      expect((await api.GET('/v1/model')).data).toMatchObject({ dim: 128 })
    } finally {
      await server.close()
    }
  })

  const text = join(room, 'text.onnx')
  writeFileSync(text, 'no model')
  it.each<[object, string]>([
    [{ model: join(room, 'gone.onnx') }, 'ONNX_UNREADABLE'],
    [{ model: text }, 'ONNX_NOT_A_MODEL'],
    [{ model: room }, 'RECOGNIZE_USE'],
    [{ model: 'nobodys' }, 'RECOGNIZE_PACK'],
    [{ detector: join(room, 'gone.onnx') }, 'ONNX_UNREADABLE'],
    [{ thresholds: join(room, 'gone.json') }, 'FILES_READ'],
    [{ thresholds: text }, 'ONNX_BAD_METADATA'],
  ])('that are none keep a server from starting: %j', async (wrong, code) => {
    await expect(testServer(wrong)).rejects.toMatchObject({ code })
  })
})

describe.skipIf(!mayMount)('a file system that is read-only (needs the right to mount)', () => {
  const readOnly = (place: string) => `mount -o bind,ro ${place} ${place} && exec "$@"`
  const by = (place: string) => ['unshare', '--mount', 'sh', '-c', readOnly(place), 'sh']

  it('is told without saying where, what is there is answered, and written when that is possible', async () => {
    const data = join(room, 'data')
    const first = await serverProcess({ ...config, data })
    await makeGallery(client(first))
    await enroll(client(first), 1)
    await first.kill()
    const galleries = join(data, 'galleries')
    const server = await serverProcess({ ...config, data }, by(galleries))
    const api = client(server)
    try {
      for (const asked of [enroll(api, 2), makeGallery(api, 'other')]) {
        const { error } = await asked
        expect(error).toMatchObject({ status: 500, code: 'GALLERY_ACCESS' })
        expect(JSON.stringify(error)).not.toContain(room)
      }
      expect(await facesOf(api)).toBe(200)
      expect((await detect(api)).response.status).toBe(200)
      const inside = ['--mount', `--target=${server.pid}`]
      execFileSync('nsenter', [...inside, 'mount', '-o', 'remount,bind,rw', galleries])
      expect((await enroll(api, 2)).response.status).toBe(201)
      expect(await facesOf(api)).toBe(400)
    } finally {
      await server.kill()
    }
  })

  it.each([
    ['a new folder of data', {}, 'FILES_WRITE'],
    ['galleries alone', { audit: { enabled: false } }, 'GALLERY_ACCESS'],
    [
      'only what is written on the way',
      { galleries: join(room, 'elsewhere'), audit: { folder: join(room, 'audit') } },
      'FILES_WRITE',
    ],
  ])('keeps a server from starting: %s', (_, more, code) => {
    const closed = mkdtempSync(join(room, 'closed-'))
    const wanted = { ...config, ...more, data: join(closed, 'data') }
    const program = `import { checkConfig, startServer } from '${new URL('../../dist/index.js', import.meta.url)}'
      await startServer(checkConfig(${JSON.stringify(wanted)})).catch(({ code }) => console.log(code))`
    const [command, ...args] = [
      ...by(closed),
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ]
    const { stdout } = spawnSync(command!, args, { encoding: 'utf8' })
    expect(stdout.trim()).toBe(code)
  })
})
