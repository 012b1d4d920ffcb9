import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGallery } from '@arcface/gallery'
import { checkConfig, type RunningServer, startServer } from '@arcface/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'gallery-import-'))
afterAll(() => rmSync(room, { recursive: true }))

/** Beside this process, which answers it. */
async function arcface(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } })
  const [out, err]: string[][] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => out!.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => err!.push(text))
  const status = await new Promise<number | null>((done) => child.on('close', done))
  return { status, stdout: out!.join(''), stderr: err!.join('') }
}

describe('arcface gallery import', () => {
  it('asks for a file, or an address and a key', async () => {
    const path = join(room, 'none')
    for (const args of [
      [],
      ['people.jsonl', '--compreface', 'http://localhost:1'],
      ['--compreface', 'x'],
    ])
      expect((await arcface(['gallery', 'import', path, ...args])).status).toBe(2)
    expect(existsSync(path)).toBe(false)
  })
})

const photos = join(shared, 'faces/photos')

describe.skipIf(!existsSync(photos))('people of a server, with photographs of ../shared', () => {
  const model = join(shared, 'models/MobileFaceNet.onnx')
  const detector = join(shared, 'models/yunet_s_640_640.onnx')
  const parts = [
    ...['--model', model, '--range', '1', '--detector', detector],
    ...['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'],
  ]
  const key = randomUUID()
  let server: RunningServer
  const ids = new Map<string, string>()
  beforeAll(async () => {
    const preprocessing = { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
    const config = {
      port: 0,
      data: join(room, 'data'),
      log: 'silent',
      model,
      detector,
      preprocessing,
    }
    server = await startServer(checkConfig(config))
    for (const person of readdirSync(photos).sort().slice(0, 3))
      for (const photo of readdirSync(join(photos, person)).sort().slice(2, 5)) {
        const form = new FormData()
        form.append('file', new Blob([readFileSync(join(photos, person, photo))]), photo)
        const answer = await fetch(`${server.url}/api/v1/recognition/faces?subject=${person}`, {
          method: 'POST',
          headers: { 'x-api-key': key },
          body: form,
        })
        expect(answer.status).toBe(201)
        ids.set(((await answer.json()) as { image_id: string }).image_id, person)
      }
    await fetch(`${server.url}/api/v1/recognition/subjects`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ subject: 'without a face' }),
    })
  })
  afterAll(() => server.close())

  it('are taken over by its CompreFace API, and again without another face', async () => {
    const copy = join(room, 'copy')
    const args = ['gallery', 'import', copy, '--compreface', server.url, ...parts]
    const first = await arcface([...args, '--key', key])
    expect(first.stderr).not.toMatch(/error|left out/)
    expect(first).toMatchObject({
      status: 0,
      stdout: '4 subjects and 9 faces taken over, 0 faces there already, 0 left out\n',
    })
    const again = await arcface([...args, '--json'], { COMPREFACE_KEY: key })
    expect(JSON.parse(again.stdout)).toMatchObject({
      ...{ subjects: 4, faces: 9, people: 0, enrolled: 0, before: 9, skipped: [], finished: true },
    })
    const [from, to] = await Promise.all([
      openGallery(join(room, 'data/galleries/main')),
      openGallery(copy),
    ])
    try {
      for (const [id, person] of ids) {
        expect(await to.face(id)).toMatchObject({ person })
        expect(await to.thumbnail(id)).not.toBeNull()
      }
      // The aligned face stands for the picture: embedded once more it is the same person's, and nobody else's.
      expect((await to.duplicates(0.5)).filter(({ kind }) => kind === 'people')).toEqual([])
      expect((await to.people()).map(({ name, faces }) => [name, faces])).toEqual(
        (await from.people()).map(({ name, faces }) => [name, faces]),
      )
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  it('are not taken over from a server that is none', async () => {
    const other = await arcface([
      ...['gallery', 'import', join(room, 'other'), '--compreface', `${server.url}/elsewhere`],
      ...['--key', key, ...parts],
    ])
    expect(other).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/error GALLERY_SOURCE/),
    })
    expect(other.stderr).not.toContain(key)
  })
})
