import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGallery } from '@arcface/gallery'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'gallery-cli-'))

afterAll(() => rmSync(room, { recursive: true }))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function json(...args: string[]) {
  const { status, stdout, stderr } = arcface(...args, '--json')
  // What was skipped, and how pixels go into a model of others, are told beside the result.
  expect(stderr.replace(/(skipped |.*: pixels go in as ).*\n/g, '')).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout)
}

describe('arcface gallery', () => {
  const path = join(room, 'people')

  beforeAll(async () => {
    const model = { sha256: 'a'.repeat(64), name: 'm', dim: 3, preprocessing: null }
    const gallery = await openGallery(path, { model })
    await gallery.enroll([
      { person: 'Ada', embedding: Float32Array.of(1, 0, 0), groups: ['staff'], source: 'a.jpg' },
      {
        id: 'grace-1',
        person: 'Grace',
        embedding: Float32Array.of(0.8, 0.6, 0),
        thumbnail: Uint8Array.of(0xff, 0xd8, 7),
      },
      { person: 'Зоя', embedding: Float32Array.of(0, 0, 1) },
    ])
    await gallery.close()
  })

  it('lists, shows, describes, counts', () => {
    expect(arcface('gallery', 'list', path).stdout).toBe(
      'Ada\t1 face\tstaff\nGrace\t1 face\nЗоя\t1 face\n',
    )
    arcface(
      'gallery',
      'describe',
      path,
      'Зоя',
      '--group',
      'staff',
      '--group',
      'e\u0301',
      '--metadata',
      '{"a":1}',
    )
    expect(json('gallery', 'show', path, 'Зоя')).toMatchObject({
      groups: ['staff', 'é'],
      metadata: { a: 1 },
    })
    for (const args of [
      [path, '--group', 'staff'],
      ['--group', 'staff', path],
    ])
      expect(json('gallery', 'list', ...args).people).toHaveLength(2)
    const both = json('gallery', 'list', '--group', 'e\u0301', '--group', 'staff', path)
    expect(both.people).toMatchObject([{ name: 'Зоя' }])
    expect(json('gallery', 'stats', path)).toMatchObject({ people: 3, faces: 3, search: 'exact' })
    const { duplicates } = json('gallery', 'duplicates', path, '--threshold', '0.7')
    expect(duplicates).toMatchObject([{ kind: 'people', similarity: expect.closeTo(0.8, 5) }])
  })

  // It is read a thousand at a time.
  it('lists every one of thousands once, in order', async () => {
    const many = join(room, 'many')
    const model = { sha256: 'a'.repeat(64), name: 'm', dim: 3, preprocessing: null }
    const names = Array.from({ length: 2000 }, (_, i) => `p${String(i).padStart(4, '0')}`)
    const gallery = await openGallery(many, { model })
    await gallery.addPeople(names.toReversed().map((name) => ({ name })))
    await gallery.close()
    expect(arcface('gallery', 'list', many).stdout).toBe(
      names.map((name) => `${name}\t0 faces\n`).join(''),
    )
    const { people } = json('gallery', 'list', many)
    expect(people.map(({ name }: { name: string }) => name)).toEqual(names)
  })

  it('writes thumbnails into the folder asked for', () => {
    const out = join(room, 'thumbnails', 'of')
    json('gallery', 'show', path, 'Grace', '--thumbnails', out)
    expect(readdirSync(join(room, 'thumbnails'), { recursive: true }).sort()).toEqual([
      'of',
      join('of', 'grace-1.jpg'),
    ])
    expect([...readFileSync(join(out, 'grace-1.jpg'))]).toEqual([0xff, 0xd8, 7])
    expect(statSync(out).mode & 0o777).toBe(0o700)
    expect(statSync(join(out, 'grace-1.jpg')).mode & 0o777).toBe(0o600)
  })

  it('exports, imports, renames, merges, deletes', () => {
    const file = join(room, 'out.parquet')
    const copy = join(room, 'copy')
    expect(json('gallery', 'export', path, file)).toMatchObject({ faces: 3 })
    expect(json('gallery', 'import', copy, file)).toMatchObject({ faces: 3 })
    json('gallery', 'rename', copy, 'Ada', 'Ada Lovelace')
    json('gallery', 'merge', copy, 'Grace', 'Ada Lovelace')
    json('gallery', 'delete', copy, 'Зоя')
    json('gallery', 'purge', copy)
    expect(json('gallery', 'list', copy).people).toMatchObject([{ name: 'Ada Lovelace', faces: 2 }])
  })

  it('moves and deletes single faces, and checks that all can be read', async () => {
    const copy = join(room, 'single')
    cpSync(path, copy, { recursive: true })
    json('gallery', 'move', copy, 'grace-1', 'Eve', '--new')
    expect(json('gallery', 'show', copy, 'Eve').faces).toMatchObject([{ id: 'grace-1' }])
    expect(json('gallery', 'delete', copy, '--face', 'grace-1')).toEqual({ deleted: ['grace-1'] })
    expect(json('gallery', 'check', copy)).toMatchObject({ ok: true, faces: { readable: 2 } })
    const again = arcface('gallery', 'delete', copy, '--face', 'grace-1')
    expect(again).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error GALLERY_FACE/) })
    for (const args of [[], ['Ada', '--face', 'x']])
      expect(arcface('gallery', 'delete', copy, ...args).status).toBe(2)
    const files = readdirSync(join(copy, 'faces.lance/data'))
    for (const file of files) rmSync(join(copy, 'faces.lance/data', file))
    const check = arcface('gallery', 'check', copy)
    expect(check).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('2 of 2 rows of faces'),
    })
    const list = arcface('gallery', 'list', copy)
    expect(list).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error GALLERY_DAMAGED/),
    })
    expect(list.stderr).not.toMatch(/\.rs\b/)
  })

  it('says what is wrong', () => {
    const none = arcface('gallery', 'list', join(room, 'none'))
    expect(none).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error GALLERY_MISSING/),
    })
    expect(existsSync(join(room, 'none'))).toBe(false)
    const nobody = arcface('gallery', 'delete', path, 'nobody')
    expect(nobody).toMatchObject({ status: 1, stderr: expect.stringMatching(/GALLERY_PERSON/) })
    // What the library says of its functions, in the words of commands.
    const face = arcface('gallery', 'delete', path, '--face', 'none')
    expect(face.stderr).toMatch(
      /^error GALLERY_FACE: .*no face has the id "none"\. arcface gallery show names those of a person\.\n$/,
    )
    expect(arcface('gallery', 'describe', path, 'Ada', '--metadata', '[]').status).toBe(2)
    expect(arcface('gallery', 'delete', path).status).toBe(2)
    expect(arcface('enroll', path, room, '--person', 'x').status).toBe(2)
  })
})

const photos = join(shared, 'faces/photos')
const parts = [
  ...['--model', join(shared, 'models/MobileFaceNet.onnx'), '--range', '1'],
  ...['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'],
  ...['--detector', join(shared, 'models/yunet_s_640_640.onnx')],
]

describe.skipIf(!existsSync(photos))('enroll and identify, on shared photographs', () => {
  const gallery = join(room, 'gallery')
  const known = join(room, 'known')
  const probes = join(room, 'probes')

  it('find the person whose other photographs were enrolled, and cluster strangers', () => {
    const people = readdirSync(photos).slice(0, 5)
    for (const [i, person] of people.entries()) {
      const target = join(i < 3 ? known : probes, person)
      cpSync(join(photos, person), target, { recursive: true })
      if (i >= 3) continue
      // One photograph of each is kept back to ask for.
      const [first] = readdirSync(target).sort()
      renameSync(join(target, first!), join(room, `${person}.jpg`))
    }
    const first = json('enroll', gallery, known, ...parts, '--group', 'celeba')
    expect(first.enrolled).toBeGreaterThan(20)
    expect(json('enroll', gallery, known, ...parts)).toMatchObject({
      enrolled: 0,
      before: first.enrolled,
    })
    for (const person of people.slice(0, 3)) {
      const photo = join(room, `${person}.jpg`)
      const { photos } = json('identify', gallery, photo, ...parts, '--threshold', '0.3')
      const names = photos[0].faces.flatMap(({ matches }: { matches: { name: string }[] }) =>
        matches.map(({ name }) => name),
      )
      expect(names).toContain(person)
    }
    const verify = (person: string, of: string) =>
      json(
        'verify',
        join(room, `${person}.jpg`),
        '--person',
        of,
        '--gallery',
        gallery,
        ...parts,
        '--threshold',
        '0.3',
      )
    const [ada, grace] = people
    const right = verify(ada!, ada!)
    expect(right).toMatchObject({
      person: ada,
      same: true,
      faceSource: expect.stringMatching(`^${ada}/`),
    })
    expect(verify(ada!, grace!)).toMatchObject({ person: grace, same: false })
    expect(arcface('verify', join(room, `${ada}.jpg`), '--person', ada!).status).toBe(2)
    // A folder of photographs, too.
    const folder = json('identify', gallery, join(known, ada!), ...parts, '--threshold', '0.3')
    expect(folder.photos.length).toBe(readdirSync(join(known, ada!)).length)
    expect(folder.photos[0].faces[0].matches).toMatchObject([{ name: ada }])
    // One that is no picture keeps nobody from the others.
    const broken = join(probes, 'broken.jpg')
    writeFileSync(broken, 'no picture')
    const good = join(room, `${people[0]}.jpg`)
    const mixed = arcface('identify', gallery, broken, good, ...parts, '--json')
    expect(mixed).toMatchObject({ status: 1, stderr: expect.stringMatching(/RECOGNIZE_PHOTO/) })
    const [none, found] = JSON.parse(mixed.stdout).photos
    expect(none).toMatchObject({ faces: [], skipped: expect.stringContaining(broken) })
    expect(found.faces.length).toBeGreaterThan(0)
    const photo = join(room, `${people[0]}.jpg`)
    const own = json('enroll', gallery, photo, '--person', 'Ada', ...parts, '--thumbnails')
    expect(own.person).toBe('Ada')
    const shown = json('gallery', 'show', gallery, 'Ada').faces
    expect(Buffer.from(shown[0].thumbnail, 'base64').subarray(0, 3).toString('hex')).toBe('ffd8ff')
    expect(json('gallery', 'show', gallery, people[0]!).faces[0].thumbnail).toBeNull()
    const { clusters, skipped } = json(
      'gallery',
      'cluster',
      gallery,
      probes,
      ...parts,
      '--threshold',
      '0.3',
    )
    expect(skipped[0]).toMatchObject({ photo: 'broken.jpg' })
    // Poor faces are nobody's, and are joined with nobody.
    for (const { reason } of skipped.slice(1)) expect(reason).toMatch(/^a face is blurred/)
    // Two strangers: the two largest clusters are one's photographs each.
    for (const cluster of clusters.slice(0, 2)) {
      const owners = new Set(cluster.map((photo: string) => photo.split('/')[0]))
      expect(owners.size).toBe(1)
      expect(cluster.length).toBeGreaterThan(3)
    }
    const other = arcface(
      'identify',
      gallery,
      join(room, `${people[0]}.jpg`),
      ...parts.slice(0, 2),
      ...parts.slice(-2),
    )
    expect(other.status).toBe(1)
    expect(other.stderr).toMatch(/^error GALLERY_MODEL/m)
  })
})
