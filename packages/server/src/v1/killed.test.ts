import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { type ServerProcess, serverProcess } from '../testing/process.js'
import { drawnModels, noisePhoto } from '../testing/server.js'

const gallery = 'staff'
const folder = mkdtempSync(join(tmpdir(), 'killed-'))
const data = join(folder, 'data')
const config = { port: 0, data, log: 'silent', ...drawnModels(folder) }
let server: ServerProcess
let client: ReturnType<typeof connect>
const start = async () => {
  server = await serverProcess(config)
  client = connect({ url: server.url })
}
beforeAll(start)
afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true })
})

const enroll = async (person: string, seeds: readonly number[]) => {
  const { data, response } = await client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
    params: { path: { gallery, person }, header: { 'idempotency-key': person } },
    body: {
      photo: await Promise.all(
        seeds.map(async (seed) => new File([new Uint8Array(await noisePhoto(seed))], 'noise.png')),
      ),
    },
  })
  return { status: response.status, faces: data?.faces }
}

it('a server that was killed has what it acknowledged, and a repeated request adds the rest once', async () => {
  await client.POST('/v1/galleries', { body: { name: gallery } })
  const first = await enroll('first', [1, 2])
  expect(first.faces).toMatchObject([{ added: true }, { added: true }])
  expect(await enroll('first', [1, 2])).toEqual(first)
  const people = Array.from({ length: 12 }, (_, i) => ({
    name: `p${i}`,
    seeds: [2 * i, 2 * i + 1],
  }))
  const asked = people.map(({ name, seeds }) => enroll(name, seeds).catch(() => undefined))
  await Promise.race(asked)
  await server.kill()
  const before = await Promise.all(asked)
  await start()
  const again = await enroll('first', [1, 2])
  expect(again.faces).toEqual(first.faces!.map((one) => ({ ...one, added: false })))
  for (const [i, { name, seeds }] of people.entries()) {
    const acknowledged = before[i]?.faces?.map(({ id }) => id)
    const ids = (await enroll(name, seeds)).faces!.map(({ id }) => id)
    if (acknowledged) expect(ids).toEqual(acknowledged)
    const { data: found } = await client.GET('/v1/galleries/{gallery}/people/{person}', {
      params: { path: { gallery, person: name } },
    })
    expect(found).toMatchObject({ faces: 2 })
  }
  expect(before.some((one) => one?.status === 201)).toBe(true)
})

it('takes away what transfers of a server that was killed have left', async () => {
  await server.kill()
  const left = join(data, 'temporary')
  mkdirSync(left, { recursive: true })
  for (const [name, hours] of [
    ['old.jsonl', 25],
    ['new.jsonl', 1],
  ] as const) {
    writeFileSync(join(left, name), 'people')
    utimesSync(join(left, name), new Date(), new Date(Date.now() - hours * 3_600_000))
  }
  await start()
  expect(readdirSync(left)).toEqual(['new.jsonl'])
})
