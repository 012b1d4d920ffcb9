import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyAudit } from '../audit/verify.js'
import { freshGalleries } from '../testing/fresh.js'
import { testServer } from '../testing/server.js'

const fresh = freshGalleries()

it('shows what was asked, the latest first, by what it is about and a page at a time', async () => {
  const { client, gallery } = fresh
  const path = { gallery }
  for (const name of ['Ada', 'Bob'])
    await client.POST('/v1/galleries/{gallery}/people', { params: { path }, body: { name } })
  await client.GET('/v1/galleries/{gallery}/people/{person}', {
    params: { path: { gallery, person: 'Ada' } },
  })
  const show = async (query: object) => (await client.GET('/v1/audit', { params: { query } })).data!
  const of = (one: Awaited<ReturnType<typeof show>>) => one.lines.map(({ what }) => what)
  const all = await show({ gallery })
  expect(of(all)).toEqual([
    'GET /v1/galleries/:gallery/people/:person',
    'POST /v1/galleries/:gallery/people',
    'POST /v1/galleries/:gallery/people',
  ])
  expect(all).toMatchObject({ enabled: true, next: null, changed: 0 })
  expect(all.lines[0]).toMatchObject({ gallery, key: null, people: ['Ada'], status: 200 })
  expect(of(await show({ gallery, person: 'Ada' }))).toHaveLength(2)
  expect(of(await show({ gallery, operation: 'POST' }))).toHaveLength(2)
  expect(of(await show({ gallery, until: all.lines[0]!.time }))).toHaveLength(2)
  const first = await show({ gallery, limit: 1 })
  const second = await show({ gallery, limit: 1, before: first.next })
  expect([...first.lines, ...second.lines]).toEqual(all.lines.slice(0, 2))
  // Who looks is in it too.
  expect(of(await show({ limit: 1 }))).toEqual(['GET /v1/audit'])
})

it.each([{ since: 'yesterday' }, { before: 'x' }, { limit: 0 }, { order: 'asc' }])(
  'refuses %j',
  async (query) => {
    const { error } = await fresh.client.GET('/v1/audit', { params: { query: query as object } })
    expect(error?.code).toBe('SERVER_REQUEST')
  },
)

it('tells whether the log is as it was written, as the command does', async () => {
  const { client, server } = fresh
  const folder = join(server.folder, 'audit')
  const check = async (expect: string[]) =>
    (await client.GET('/v1/audit/chains', { params: { query: { expect } } })).data!
  const { head } = (await verifyAudit(folder)).chains[0]!
  const { good, chains } = await check([head])
  expect([good, chains.length, chains[0]!.problem]).toEqual([true, 1, null])
  const wrong = 'f'.repeat(64)
  expect(await check([wrong])).toMatchObject({ good: false, missing: [wrong] })
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!)
  writeFileSync(path, readFileSync(path, 'utf8').replace('"status":201', '"status":200'))
  const changed = await check([])
  expect([changed.good, changed.chains[0]!.problem?.why]).toEqual([false, 'the line was changed'])
})

it('says that there is none', async () => {
  await using server = await testServer({ audit: { enabled: false } }).then((one) => ({
    ...one,
    [Symbol.asyncDispose]: one.close,
  }))
  const answer = await fetch(`${server.url}/v1/audit`)
  expect(await answer.json()).toEqual({ enabled: false, lines: [], next: null, changed: 0 })
})
