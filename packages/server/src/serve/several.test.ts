import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { type ObjectStore, startObjectStore } from '@arcface/testing/s3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { connect } from '../client/client.js'
import { type ServerProcess, serverProcess } from '../testing/process.js'
import { drawnModels } from '../testing/server.js'

const DIM = 128
const gallery = 'people'
let folder: string
let store: ObjectStore
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'several-'))
  store = await startObjectStore()
  for (const [name, value] of Object.entries(store.environment)) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await store.close()
  rmSync(folder, { recursive: true })
})

const start = (galleries: string, name: string) =>
  serverProcess({
    port: 0,
    data: join(folder, name),
    log: 'silent',
    galleries,
    ...drawnModels(folder),
  })

type Client = ReturnType<typeof connect>
const clientOf = ({ url }: ServerProcess): Client => connect({ url })

/** @returns the status of the answer; 0 where none came */
const enroll = (client: Client, person: string, seed: number): Promise<number> =>
  client
    .POST('/v1/galleries/{gallery}/people/{person}/embeddings', {
      params: { path: { gallery, person } },
      body: { embeddings: [Array.from(face(DIM, seed))] },
    })
    .then(
      ({ response }) => response.status,
      () => 0,
    )

const nameOf = async (client: Client, seed: number): Promise<string | undefined> => {
  const { data } = await client.POST('/v1/galleries/{gallery}/search', {
    params: { path: { gallery } },
    body: { embeddings: [Array.from(face(DIM, seed))] },
  })
  return data?.results[0]?.matches[0]?.name
}

it('two servers over one gallery in object storage: what one has answered the other knows, also when one is killed', async () => {
  const servers = await Promise.all(
    ['a', 'b'].map((name) => start(`${store.bucket}/${gallery}`, name)),
  )
  const [dies, lives] = servers.map(clientOf) as [Client, Client]
  const made = await Promise.all(
    [dies, lives].map((client) => client.POST('/v1/galleries', { body: { name: gallery } })),
  )
  expect(made.map(({ response }) => response.status).sort()).toEqual([201, 409])

  // Both enrol, some of it the same; each asks the other at once.
  for (let i = 0; i < 8; i++) {
    const own = [enroll(dies, `a${i}`, i), enroll(lives, `b${i}`, 100 + i)]
    const same = [enroll(dies, `same${i}`, 200 + i), enroll(lives, `same${i}`, 200 + i)]
    expect(await Promise.all([...own, ...same])).toEqual([201, 201, 201, 201])
    expect(await nameOf(lives, i)).toBe(`a${i}`)
    expect(await nameOf(dies, 100 + i)).toBe(`b${i}`)
  }
  const listed = await lives.GET('/v1/galleries/{gallery}', { params: { path: { gallery } } })
  expect(listed.data).toMatchObject({ people: 24, faces: 24 })

  const safe: number[] = []
  const writing = (async () => {
    for (let i = 300; ; i++) {
      if ((await enroll(dies, `late${i}`, i)) !== 201) return
      safe.push(i)
    }
  })()
  let others = 0
  while (safe.length < 5) expect(await enroll(lives, `other${others}`, 400 + others++)).toBe(201)
  await servers[0]!.kill()
  await writing
  for (let i = 0; i < 3; i++) expect(await enroll(lives, `after${i}`, 600 + i)).toBe(201)
  for (const i of safe) expect(await nameOf(lives, i)).toBe(`late${i}`)
  const people: string[] = []
  for (const i of Array.from({ length: others }, (_, k) => k))
    people.push((await nameOf(lives, 400 + i)) ?? '')
  expect(people).toEqual(people.map((_, i) => `other${i}`))
  await servers[1]!.kill()
})
