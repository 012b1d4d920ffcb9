import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { CompreFace } from '@exadel/compreface-js-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Item, Items } from '../testing/compreface.js'
import { hasShared, sharedPhoto, type TestServer, testServer } from '../testing/server.js'

// The SDK of CompreFace as it is on npm, its every call, over HTTP. What it does in Node is what counts: relative paths,
// addresses and base64 (a Blob has no boundary there, and absolute paths are sent as text: neither works with CompreFace).

const KEY = '6b135f5b-a365-4522-b1f1-4c9ac2dd0728'

/** The types that come with the SDK lack it. */
interface Subjects {
  list(): Promise<{ subjects: string[] }>
  add(subject: string): Promise<{ subject: string }>
  rename(from: string, to: string): Promise<{ updated: boolean }>
  delete(subject: string): Promise<{ subject: string }>
  deleteAll(): Promise<{ deleted: number }>
}

interface Added {
  image_id: string
  subject: string
}

describe.skipIf(!hasShared)("CompreFace's own SDK, with photographs of ../shared", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-'))
  let server: TestServer
  let pictures: Server
  let port: number
  let files: string[][]
  beforeAll(async () => {
    server = await testServer({}, 'shared')
    files = [0, 1, 2].map((person) =>
      [0, 1, 2].map((i) => {
        const file = join(folder, `${person}-${i}.jpg`)
        copyFileSync(sharedPhoto(person, [0, 2, 3][i]!), file)
        return file
      }),
    )
    pictures = createServer((request, response) => {
      response.setHeader('content-type', 'image/jpeg')
      response.end(readFileSync(join(folder, request.url!.slice(1))))
    })
    await new Promise<void>((done) => pictures.listen(0, '127.0.0.1', done))
    port = (pictures.address() as AddressInfo).port
  })
  afterAll(async () => {
    pictures.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const client = (options?: object) => {
    const { hostname, port: own } = new URL(server.url)
    return new CompreFace(`http://${hostname}`, Number(own), options as never)
  }
  const recognition = (options?: object) => client(options).initFaceRecognitionService(KEY)
  // They change their address with a call, so that each call takes a fresh one.
  const faces = (options?: object) => recognition(options).getFaceCollection()
  const subjects = () => (recognition() as unknown as { getSubjects(): Subjects }).getSubjects()

  /** In each way in which the SDK sends a photograph. */
  const ways = (file: string): Record<string, string> => ({
    path: `./${relative(process.cwd(), file)}`,
    address: `http://127.0.0.1:${port}/${file.split('/').at(-1)}`,
    base64: readFileSync(file).toString('base64'),
  })
  const path = (person: number, i: number) => ways(files[person]![i]!).path!

  it('adds, lists, renames, merges and deletes subjects', async () => {
    expect(await subjects().add('Ada Lovelace')).toEqual({ subject: 'Ada Lovelace' })
    expect(await subjects().add('bob')).toEqual({ subject: 'bob' })
    await expect(subjects().add('BOB')).rejects.toMatchObject({
      response: { status: 400, data: { code: 43 } },
    })
    expect((await subjects().list()).subjects.sort()).toEqual(['Ada Lovelace', 'bob'])
    expect(await subjects().rename('bob', 'bob')).toEqual({ updated: false })
    expect(await subjects().rename('Bob', 'Robert')).toEqual({ updated: true })
    expect(await subjects().rename('Robert', 'ada lovelace')).toEqual({ updated: true })
    expect((await subjects().list()).subjects).toEqual(['Ada Lovelace'])
    expect(await subjects().delete('ada LOVELACE')).toEqual({ subject: 'Ada Lovelace' })
    await subjects().add('a')
    await subjects().add('b')
    expect(await subjects().deleteAll()).toEqual({ deleted: 2 })
    expect(await subjects().list()).toEqual({ subjects: [] })
  })

  it('adds faces by path, address and base64, and finds them again', async () => {
    const added: Added[] = []
    for (const [i, way] of ['path', 'address', 'base64'].entries())
      added.push(await faces().add<Added>(ways(files[i]![0]!)[way]!, `person${i}`))
    // With options the SDK's address has two question marks.
    added.push(await faces().add(path(0, 1), 'PERSON0', { det_prob_threshold: '0.5' }))
    added.push(await faces({ det_prob_threshold: 0.4 }).add(path(1, 1), 'person1'))
    expect(added.map(({ subject }) => subject)).toEqual([
      'person0',
      'person1',
      'person2',
      'PERSON0',
      'person1',
    ])
    for (const { image_id } of added) expect(image_id).toMatch(/^[0-9a-f-]{36}$/)
    expect((await subjects().list()).subjects).toEqual(['person0', 'person1', 'person2'])
    const list = await faces().list<{ faces: Added[] }>()
    expect(list).toMatchObject({ page_number: 0, page_size: 20, total_pages: 1, total_elements: 5 })
    expect(list.faces.map(({ image_id }) => image_id)).toEqual(
      added.map(({ image_id }) => image_id),
    )

    for (const photo of Object.values(ways(files[0]![2]!))) {
      const { result } = await recognition().recognize<Items>(photo, {} as never)
      const best = largest(result)
      expect(best.subjects).toMatchObject([{ subject: 'person0' }])
      expect(best.subjects![0]!.similarity).toBeGreaterThan(0.5)
    }
    const all = {
      limit: 1,
      det_prob_threshold: 0.5,
      prediction_count: 4,
      face_plugins: 'landmarks,pose,calculator,age,gender,mask',
      status: true,
    }
    // Options of a call, of the service, and those of a call without a limit, each in an address of its own.
    const { limit: _, ...unlimited } = all
    const answers = await Promise.all([
      recognition().recognize<Items>(path(1, 2), all),
      recognition(all).recognize<Items>(path(1, 2), {} as never),
      recognition().recognize<Items>(path(1, 2), unlimited as never),
    ])
    for (const { result, plugins_versions } of answers) {
      const item = largest(result)
      // Two faces of person1 were added: predictions count faces.
      const names = item.subjects!.map(({ subject }) => subject)
      expect(names.slice(0, 2)).toEqual(['person1', 'person1'])
      expect(names).toHaveLength(4)
      expect(item.landmarks).toHaveLength(5)
      expect(item.embedding).toHaveLength(128)
      expect(Object.keys(item.pose!).sort()).toEqual(['pitch', 'roll', 'yaw'])
      expect(Object.keys(item.execution_time!).sort()).toEqual(['calculator', 'detector'])
      expect(plugins_versions).toEqual({ detector: 'YuNet', calculator: 'MobileFaceNet.onnx' })
      for (const absent of ['age', 'gender', 'mask']) expect(item).not.toHaveProperty(absent)
    }

    // One of each photograph of the same person, and one of another's.
    const verified = await Promise.all(
      [path(0, 2), path(2, 1)].map((photo) =>
        faces().verify<Items>(photo, added[0]!.image_id, { limit: 1 }),
      ),
    )
    const [same, other] = verified.map(({ result }) => result[0]!)
    expect(same).toMatchObject({ subject: 'person0' })
    expect(same!.similarity).toBeGreaterThan(0.5)
    expect(other!.similarity).toBeLessThan(0.5)
    for (const photo of Object.values(ways(files[0]![2]!))) {
      const { result } = await faces().verify<Items>(photo, added[0]!.image_id)
      expect(largest(result).similarity).toBe(same!.similarity)
    }

    expect(await faces().delete(added[3]!.image_id)).toEqual({
      image_id: added[3]!.image_id,
      subject: 'person0',
    })
    const unknown = '00000000-0000-0000-0000-000000000000'
    expect(await faces().delete_multiple_images([added[4]!.image_id, unknown])).toEqual([
      { image_id: added[4]!.image_id, subject: 'person1' },
    ])
    expect(await faces().delete_all_subject('Person2')).toEqual({ deleted: 1 })
    expect((await subjects().list()).subjects).toEqual(['person0', 'person1'])
    expect(await faces().delete_all()).toEqual({ deleted: 2 })
    expect(await subjects().list()).toEqual({ subjects: [] })
  })

  it('detects', async () => {
    const detection = client().initFaceDetectionService(KEY)
    const seen: Item[] = []
    for (const photo of Object.values(ways(files[0]![0]!))) {
      const { result } = await detection.detect<Items>(photo)
      seen.push(largest(result))
    }
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
    expect(Object.keys(seen[0]!)).toEqual(['box'])
    const { box } = seen[0]!
    for (const value of [box.x_min, box.x_max, box.y_min, box.y_max]) expect(value % 1).toBe(0)
    const options = { det_prob_threshold: 0.5, face_plugins: 'landmarks', status: true }
    const found = await detection.detect<Items>(path(0, 0), options as never)
    expect(largest(found.result)).toMatchObject({ box, landmarks: expect.any(Array) })
    expect(found.plugins_versions).toEqual({ detector: 'YuNet' })
    // A threshold that no face reaches.
    await expect(
      detection.detect(path(0, 0), { det_prob_threshold: 1 } as never),
    ).rejects.toMatchObject({
      response: { status: 400, data: { code: 28 } },
    })
  })

  it('verifies two photographs, each in each way', async () => {
    const verification = client().initFaceVerificationService(KEY)
    const [source, target, stranger] = [files[0]![0]!, files[0]![1]!, files[1]![0]!]
    const similarities: number[] = []
    for (const [a, b] of [
      ['path', 'path'],
      ['path', 'address'],
      ['address', 'path'],
      ['address', 'address'],
      ['base64', 'base64'],
    ] as const) {
      const { result } = await verification.verify<{
        result: { source_image_face: Item; face_matches: Item[] }[]
      }>(ways(source)[a]!, ways(target)[b]!, { limit: 1 })
      expect(result[0]!.source_image_face.box.probability).toBeGreaterThan(0.5)
      similarities.push(result[0]!.face_matches[0]!.similarity!)
    }
    expect(new Set(similarities).size).toBe(1)
    expect(similarities[0]).toBeGreaterThan(0.5)
    const options = { limit: 1, det_prob_threshold: 0.5, face_plugins: 'landmarks', status: true }
    const { result } = await verification.verify<{
      result: { face_matches: Item[]; plugins_versions: object }[]
    }>(ways(source).path!, ways(stranger).path!, options)
    expect(result[0]!.face_matches[0]!.similarity).toBeLessThan(0.5)
    expect(result[0]!.face_matches[0]!.landmarks).toHaveLength(5)
    expect(result[0]!.plugins_versions).toEqual({
      detector: 'YuNet',
      calculator: 'MobileFaceNet.onnx',
    })
  })

  it('reads refusals as it reads those of CompreFace', async () => {
    const text = join(folder, 'text.jpg')
    writeFileSync(text, 'no picture')
    const refused = (status: number, code: number) => ({ response: { status, data: { code } } })
    await expect(recognition().recognize(ways(text).path!, {} as never)).rejects.toMatchObject(
      refused(400, 28),
    )
    await expect(faces().delete('00000000-0000-0000-0000-000000000000')).rejects.toMatchObject(
      refused(404, 44),
    )
    const keyless = client().initFaceRecognitionService('no key').getFaceCollection()
    await expect(keyless.list()).rejects.toMatchObject(refused(400, 26))
  })
})

const largest = (items: readonly Item[]): Item => {
  const area = ({ box }: Item) => (box.x_max - box.x_min) * (box.y_max - box.y_min)
  return [...items].sort((a, b) => area(b) - area(a))[0]!
}
