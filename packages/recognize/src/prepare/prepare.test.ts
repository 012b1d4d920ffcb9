import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeImage, openFolders } from '@arcface/data'
import { Lock } from '@arcface/files'
import { chooseFaces, DEFAULT_PACK } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { installedPack } from '../models/installed.js'
import { Journal } from './journal.js'
import { prepareFolder } from './prepare.js'

const room = mkdtempSync(join(tmpdir(), 'prepare-'))
const face = (x: number, side: number, score: number) => ({
  box: { x, y: 40, width: side, height: side },
  points: [],
  score,
})

describe('chooseFaces', () => {
  it.each([
    ['largest', [30]],
    ['central', [20]],
    ['all', [20, 30, 10]],
  ] as const)('%s', (which, sides) => {
    const found = [face(40, 20, 0.9), face(0, 30, 0.8), face(80, 10, 0.7)]
    const chosen = chooseFaces(found, which, { width: 100, height: 100 }, 'a.jpg')
    expect(chosen.map(({ box }) => box.width)).toEqual(sides)
    expect(chooseFaces([], which, { width: 9, height: 9 }, 'a.jpg')).toEqual([])
  })

  it('only: takes one that is alone, refuses several', () => {
    const found = [face(40, 20, 0.9), face(0, 30, 0.8)]
    const size = { width: 100, height: 100 }
    expect(chooseFaces(found.slice(1), 'only', size, 'a.jpg')).toEqual(found.slice(1))
    expect(() => chooseFaces(found, 'only', size, 'a.jpg')).toThrow(
      expect.objectContaining({
        code: 'VISION_MANY_FACES',
        message: expect.stringContaining('a.jpg shows 2 faces'),
      }),
    )
  })
})

describe('Journal', () => {
  it('goes on after half a line, and only in the way it was begun', () => {
    const path = join(room, 'journal.jsonl')
    const first = new Journal(path, '{"way":1}')
    first.add({ photo: 'a.jpg', faces: ['a.jpg'] })
    first.close()
    appendFileSync(path, '{"photo":"b.j')
    const second = new Journal(path, '{"way":1}')
    expect([...second.done.keys()]).toEqual(['a.jpg'])
    second.add({ photo: 'b.jpg', faces: [], skipped: 'no face found' })
    second.close()
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(3)
    expect(() => new Journal(path, '{"way":2}')).toThrow(
      expect.objectContaining({ code: 'RECOGNIZE_USE' }),
    )
  })
})

describe('prepareFolder', () => {
  it('refuses a target inside the source, and a folder without photographs', async () => {
    const use = { code: 'RECOGNIZE_USE' }
    const options = { detector: 'none.onnx' }
    mkdirSync(join(room, 'empty'))
    await expect(
      prepareFolder(join(room, 'empty'), join(room, 'empty/faces'), options),
    ).rejects.toMatchObject(use)
    await expect(
      prepareFolder(join(room, 'empty'), join(room, 'faces'), options),
    ).rejects.toMatchObject(use)
    await expect(
      prepareFolder(join(room, 'none'), join(room, 'faces'), options),
    ).rejects.toMatchObject({
      code: 'FILES_READ',
      message: `${join(room, 'none')} cannot be read: ENOENT: no such file or directory.`,
    })
    expect(existsSync(join(room, 'faces'))).toBe(false)
  })
})

const pack = await installedPack(DEFAULT_PACK)
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))('on photographs of ../shared', () => {
  const photos = join(shared, 'faces/photos')
  const detector = join(shared, 'models/yunet_s_640_640.onnx')
  const source = join(room, 'some')

  it('writes aligned faces in the same folders; says what it left out; goes on', async () => {
    const people = readdirSync(photos).slice(0, 2)
    for (const person of people) {
      mkdirSync(join(source, person), { recursive: true })
      for (const file of readdirSync(join(photos, person)).slice(0, 3))
        copyFileSync(join(photos, person, file), join(source, person, file))
    }
    writeFileSync(join(source, people[0]!, 'broken.jpg'), 'no picture')
    execFileSync('mkfifo', [join(source, people[1]!, 'pipe.jpg')])
    const target = join(room, 'aligned')
    const stop = new AbortController()
    const interrupted = await prepareFolder(source, target, {
      detector,
      workers: 1,
      signal: stop.signal,
      onProgress: (done) => done === 2 && stop.abort(),
    })
    expect(interrupted).toMatchObject({ finished: false, photos: 7 })
    const before = readFileSync(`${target}.jsonl`, 'utf8')

    const result = await prepareFolder(source, target, { detector })
    expect(result).toMatchObject({ finished: true, photos: 7, faces: 6 })
    expect(result.skipped).toEqual([
      { photo: join(people[1]!, 'pipe.jpg'), reason: 'neither a file nor a folder' },
      { photo: join(people[0]!, 'broken.jpg'), reason: expect.stringMatching(/cannot be read/) },
    ])
    expect(readFileSync(`${target}.jsonl`, 'utf8').startsWith(before)).toBe(true)
    const { samples, classes, ignored } = openFolders([target])
    expect([classes, ignored]).toEqual([people, []])
    for (const { path } of samples) expect(await decodeImage(path)).toHaveLength(112 * 112 * 3)

    // As a failure of the power leaves one; what somebody sorted out stays away.
    const [empty, gone] = [samples[0]!, samples[1]!]
    truncateSync(empty.path)
    rmSync(gone.path)
    expect(await prepareFolder(source, target, { detector })).toMatchObject({ faces: 6 })
    expect(await decodeImage(empty.path)).toHaveLength(112 * 112 * 3)
    expect(existsSync(gone.path)).toBe(false)

    await expect(prepareFolder(source, target, { detector, faces: 'all' })).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
    })
    rmSync(target, { recursive: true })
  })

  it.each(['yunet_s_640_640', 'scrfd_500m'])(
    '%s finds a face on every one of them',
    async (name) => {
      const target = join(room, name)
      const model = join(shared, 'models', `${name}.onnx`)
      const result = await prepareFolder(photos, target, { detector: model })
      expect(result).toMatchObject({ photos: 200, faces: 200, skipped: [] })
    },
  )

  it.skipIf(!pack)(
    'takes the default pack where no detector is named, by the sum of its file',
    async () => {
      const [byName, byFile] = [join(room, 'by-name'), join(room, 'by-file')]
      const some = join(room, 'few')
      for (const person of readdirSync(photos).slice(2, 4)) {
        mkdirSync(join(some, person), { recursive: true })
        const [file] = readdirSync(join(photos, person)) as [string]
        copyFileSync(join(photos, person, file), join(some, person, file))
      }
      expect(await prepareFolder(some, byName)).toMatchObject({ photos: 2, faces: 2, skipped: [] })
      await prepareFolder(some, byFile, { detector: DEFAULT_PACK })
      for (const file of readdirSync(byName, { recursive: true, encoding: 'utf8' }))
        if (file.endsWith('.jpg'))
          expect(readFileSync(join(byFile, file))).toEqual(readFileSync(join(byName, file)))
      const way = JSON.parse(readFileSync(`${byName}.jsonl`, 'utf8').split('\n')[0]!)
      const detector = readFileSync(join(pack!.folder, pack!.pack.detector!))
      expect(way.detector).toBe(createHash('sha256').update(detector).digest('hex'))
    },
  )

  it('shortens names that would be too long, and lets nobody else write into the folder', async () => {
    const long = join(room, 'long')
    const [person] = readdirSync(photos) as [string]
    const [photo] = readdirSync(join(photos, person)) as [string]
    mkdirSync(join(long, 'p'), { recursive: true })
    const names = [`${'n'.repeat(251)}.jpg`, `${'n'.repeat(251)}.png`, `${'é'.repeat(125)}.jpg`]
    for (const name of names) copyFileSync(join(photos, person, photo), join(long, 'p', name))
    const target = join(room, 'short')
    const lock = await Lock.take(`${target}.lock`, { what: 'it' })
    const prepare = () => prepareFolder(long, target, { detector, faces: 'all' })
    await expect(prepare()).rejects.toMatchObject({ code: 'FILES_LOCKED' })
    lock.release()
    const { faces, skipped } = await prepare()
    expect(skipped).toEqual([])
    const written = readdirSync(join(target, 'p'))
    expect(written).toHaveLength(faces)
    expect(new Set(written.map((name) => name.replace(/-\d+\.jpg$/, ''))).size).toBe(3)
    expect(await prepare()).toMatchObject({ faces, finished: true })
  })
})
