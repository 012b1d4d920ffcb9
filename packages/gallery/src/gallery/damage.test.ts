import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesBelow, holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { exportedModel, importGallery } from '../transfer/import.js'
import { exportReadable } from '../transfer/readable.js'
import { checkGallery } from '../upkeep/check.js'
import { openGallery } from './gallery.js'

const DIM = 16
const model = testModel(DIM)
const room = mkdtempSync(join(tmpdir(), 'gallery-damage-'))
const whole = join(room, 'whole')
afterAll(() => rmSync(room, { recursive: true }))

beforeAll(async () => {
  const gallery = await openGallery(whole, { model })
  for (let batch = 0; batch < 3; batch++)
    await gallery.enroll(
      Array.from({ length: 20 }, (_, i) => ({
        person: `p${i % 5}`,
        embedding: face(DIM, 20 * batch + i),
      })),
    )
  await gallery.close()
})

const filesOf = (folder: string) =>
  filesBelow(folder)
    .map((path) => relative(folder, path))
    .sort()

function damaged(file: string, how: (path: string) => void): string {
  const copy = mkdtempSync(join(room, 'copy-'))
  cpSync(whole, copy, { recursive: true })
  how(join(copy, file))
  return copy
}

const ways: Record<string, (path: string) => void> = {
  emptied: (path) => truncateSync(path, 0),
  cut: (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'overwritten with zeros': (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  'changed here and there': (path) =>
    writeFileSync(
      path,
      readFileSync(path).map((byte, i) => (i % 37 ? byte : byte ^ 0x55)),
    ),
  removed: (path) => rmSync(path),
}

/** Of each kind of file the first and the last: versions are named downwards. */
function examples(): string[] {
  const found = new Map<string, string[]>()
  for (const file of filesOf(whole))
    if (!/writer\.lock|_transactions|__manifest/.test(file)) {
      const kind = file.replace(/[^/]+$/, '')
      found.set(kind, [...(found.get(kind) ?? []), file])
    }
  return [...found.values()].flatMap((files) => [...new Set([files[0]!, files.at(-1)!])])
}

describe('a damaged file', () => {
  it.each(Object.entries(ways))(
    '%s: nothing of LanceDB is told, and what is read is right',
    async (_, how) => {
      for (const file of examples()) {
        const path = damaged(file, how)
        const work = [
          () => openGallery(path).then((gallery) => gallery.close()),
          () => using(path, (gallery) => gallery.people()),
          () => using(path, (gallery) => gallery.identify(face(DIM, 1))),
          () => using(path, (gallery) => exportGallery(gallery, join(path, 'x.jsonl'))),
          () => using(path, (gallery) => gallery.delete(['p1'])),
        ]
        for (const one of work)
          await one().catch((error) => {
            expect(error, file).toMatchObject({
              code: expect.stringMatching(/^GALLERY_(DAMAGED|MISSING|PERSON)$/),
            })
            expect(error.message, file).not.toMatch(/cargo|\.rs\b|rustc|Caused by|LanceError/)
            expect(error.message.length, file).toBeLessThan(500)
          })
      }
    },
  )
})

async function using<T>(
  path: string,
  work: (gallery: Awaited<ReturnType<typeof openGallery>>) => Promise<T>,
): Promise<T> {
  const gallery = await openGallery(path)
  try {
    return await work(gallery)
  } finally {
    await gallery.close()
  }
}

const first = (part: string) => filesOf(whole).find((file) => file.startsWith(part))!

describe('what can be saved', () => {
  it('of a whole gallery: all, and nothing is wrong', async () => {
    expect(await checkGallery(whole)).toMatchObject({
      ok: true,
      people: { rows: 5, readable: 5, trouble: null },
      faces: { rows: 60, readable: 60 },
    })
    const file = join(room, 'whole.jsonl')
    expect(await exportReadable(whole, file)).toBe(60)
    const other = join(room, 'again.jsonl')
    await using(whole, (gallery) => exportGallery(gallery, other))
    expect(readFileSync(file)).toEqual(readFileSync(other))
  })

  it.each(['jsonl', 'parquet'])(
    'of a file of faces that is gone: all other faces (%s)',
    async (ending) => {
      const path = damaged(first('faces.lance/data'), ways.removed!)
      const check = await checkGallery(path)
      expect(check).toMatchObject({
        ok: false,
        people: { readable: 5 },
        faces: { rows: 60, readable: 40, trouble: expect.stringContaining('20 of 60') },
      })
      const file = join(path, `saved.${ending}`)
      expect(await exportReadable(path, file)).toBe(40)
      const again = await openGallery(join(path, 'new'), { model: await exportedModel(file) })
      expect(await importGallery(again, file)).toBe(40)
      expect((await again.people()).map(({ name, faces }) => [name, faces])).toEqual(
        [0, 1, 2, 3, 4].map((i) => [`p${i}`, 8]),
      )
      await again.close()
    },
  )

  it('of the people: their faces, under names of their own', async () => {
    const path = damaged(first('people.lance/data'), ways.emptied!)
    expect(await checkGallery(path)).toMatchObject({ people: { rows: 5, readable: 0 } })
    const file = join(path, 'saved.jsonl')
    expect(await exportReadable(path, file)).toBe(60)
    const again = await openGallery(join(path, 'new'), { model })
    await importGallery(again, file)
    const people = await again.people()
    expect(people.map(({ faces }) => faces)).toEqual([12, 12, 12, 12, 12])
    for (const { name } of people) expect(name).toMatch(/^unknown person [0-9a-f]{8}$/)
    await again.close()
  })

  it('of the newest list of faces: the version before, as check says', async () => {
    const manifest = first('faces.lance/_versions')
    const path = damaged(manifest, ways.emptied!)
    const { faces } = await checkGallery(path)
    expect(faces).toMatchObject({
      rows: null,
      trouble: expect.stringContaining(join(path, manifest)),
    })
    renameSync(join(path, manifest), join(path, `${manifest}.damaged`))
    expect((await using(path, (gallery) => gallery.stats())).faces).toBe(40)
    expect(await checkGallery(path)).toMatchObject({
      ok: false,
      faces: { rows: 40, readable: 40, trouble: expect.stringContaining('written last is lost') },
    })
  })

  it.each(Object.entries(ways))(
    'a list of before that was %s keeps nobody from being erased',
    async (_, how) => {
      for (const table of ['faces', 'people']) {
        const lists = filesOf(whole).filter((file) => file.startsWith(`${table}.lance/_versions/1`))
        const path = damaged(lists.at(-1)!, how) // the first version: names count downwards
        const holds = () => holdsBytes(path, face(DIM, 1))
        expect(holds()).toBe(true)
        await using(path, async (gallery) => {
          await gallery.delete(['p1'])
          await gallery.purge()
          expect(holds()).toBe(false)
          expect(await gallery.stats()).toMatchObject({ people: 4, faces: 48 })
          expect((await gallery.identify(face(DIM, 2))).matches[0]?.name).toBe('p2')
        })
        expect(await checkGallery(path)).toMatchObject({ ok: true, faces: { readable: 48 } })
      }
    },
  )

  it('not without the model', async () => {
    const path = damaged(first('gallery.lance/data'), ways.removed!)
    await expect(exportReadable(path, join(path, 'x.jsonl'))).rejects.toMatchObject({
      code: 'GALLERY_DAMAGED',
    })
    expect(existsSync(join(path, 'x.jsonl'))).toBe(false)
    const gone = damaged(first('gallery.lance/data'), (file) =>
      rmSync(join(file, '../..'), { recursive: true }),
    )
    await expect(openGallery(gone, { model })).rejects.toMatchObject({ code: 'GALLERY_DAMAGED' })
  })

  it('of no gallery nothing, and nothing is left there', async () => {
    const [nowhere, photos] = ['nowhere', 'photos'].map((name) => join(room, name))
    mkdirSync(photos!)
    writeFileSync(join(photos!, 'a.jpg'), '')
    for (const path of [nowhere!, photos!, join(photos!, 'a.jpg')])
      for (const asked of [checkGallery(path), exportReadable(path, join(room, 'none.jsonl'))])
        await expect(asked).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    expect(existsSync(nowhere!)).toBe(false)
    expect(readdirSync(photos!)).toEqual(['a.jpg'])
  })
})

it('files of another user are said to be', () => {
  const path = mkdtempSync(join(room, 'theirs-'))
  cpSync(whole, path, { recursive: true })
  const isRoot = process.getuid?.() === 0
  for (const folder of [room, path]) chmodSync(folder, 0o755)
  if (!isRoot) for (const file of filesOf(path)) chmodSync(join(path, file), 0)
  const program = `
    import { openGallery } from '${new URL('../../dist/gallery/gallery.js', import.meta.url)}'
    await openGallery('${path}').then(() => console.log('opened'), ({ code, hint }) => console.log(code, hint))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    ...(isRoot && { uid: 65534, gid: 65534 }),
  })
  expect(stdout).toMatch(/^GALLERY_ACCESS .*chown -R/)
  expect(stdout.trim().split('\n')).toHaveLength(1)
})

describe('the place of a gallery', () => {
  it('stays when the process goes elsewhere', () => {
    const [a, b] = ['a', 'b'].map((name) => join(room, `place-${name}`))
    for (const one of [a!, b!]) mkdirSync(one)
    const program = `
      import { openGallery } from '${new URL('../../dist/gallery/gallery.js', import.meta.url)}'
      import { face } from '${import.meta.resolve('@arcface/testing')}'
      process.chdir('${a}')
      const gallery = await openGallery('people', { model: ${JSON.stringify(model)} })
      process.chdir('${b}')
      await gallery.enroll([{ person: 'Ada', embedding: face(${DIM}, 1) }])
      await gallery.enroll([{ person: 'Bob', embedding: face(${DIM}, 2) }])
      await gallery.delete(['Ada'])
      const { people, bytes } = await gallery.stats()
      console.log(people, bytes > 1000)
      await gallery.close()`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    expect(run).toMatchObject({ stdout: '1 true\n', stderr: '' })
    expect(readdirSync(b!)).toEqual([])
  })

  it('may be a file: URL, with the same lock; others name no folder', async () => {
    const path = join(room, 'by url ä')
    const url = pathToFileURL(path)
    const gallery = await openGallery(url, { model })
    await gallery.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    expect(existsSync(join(path, 'writer.lock'))).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    await gallery.close()
    expect((await using(url.href as never, (one) => one.people())).length).toBe(1)
    for (const bad of ['', 'file:', 'file://', 'file:people', 'file://host/x', 7, undefined])
      await expect(openGallery(bad as string, { model })).rejects.toMatchObject({
        code: 'GALLERY_USE',
      })
  })
})

describe('a table of which there is only the folder', () => {
  const withoutVersions = (...tables: string[]) => {
    const copy = mkdtempSync(join(room, 'copy-'))
    cpSync(whole, copy, { recursive: true })
    for (const table of tables) {
      rmSync(join(copy, `${table}.lance`), { recursive: true })
      mkdirSync(join(copy, `${table}.lance`))
    }
    return copy
  }

  it.each([[['people', 'faces', 'gallery']], [['faces', 'gallery']]])(
    '%j, as who makes a gallery is killed: the next one makes it',
    async (tables) => {
      const path = withoutVersions(...tables)
      await expect(openGallery(path)).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
      const gallery = await openGallery(path, { model })
      await gallery.enroll([{ person: 'p1', embedding: face(DIM, 1) }])
      expect((await gallery.stats()).faces).toBe(1)
      await gallery.close()
    },
  )

  it('gallery, and faces without a model: neither missing nor made anew', async () => {
    const path = withoutVersions('gallery')
    for (const options of [{}, { model }])
      await expect(openGallery(path, options)).rejects.toMatchObject({
        code: 'GALLERY_DAMAGED',
        message: expect.stringContaining('60 faces'),
      })
  })
})
