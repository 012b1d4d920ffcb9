import { chromium, openChromium, troublesOf } from '@arcface/testing/chromium'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCOPES } from '../http/route.js'
import { type TestServer, testServer } from '../testing/server.js'

interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly responses: Readonly<Record<string, object>>
  readonly security?: readonly object[]
}

let server: TestServer
let document: {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: object }
  tags: { name: string }[]
}
beforeAll(async () => {
  server = await testServer()
  document = (await (await fetch(`${server.url}/docs/json`)).json()) as typeof document
})
afterAll(() => server.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ name: `${method} ${path}`, ...one })),
  )

describe('OpenAPI', () => {
  it('is one of 3.1, by the specification', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(document))
    expect([valid, errors]).toEqual([true, undefined])
    expect(validator.version).toBe('3.1')
  })

  it('says of each operation of /v1 what it is for, what it answers, and how it refuses', () => {
    const ours = operations().filter(({ name }) => / \/v1\//.test(name))
    expect(ours.length).toBeGreaterThan(20)
    const tagged = new Set(operations().flatMap(({ tags }) => tags))
    expect(new Set(document.tags.map(({ name }) => name))).toEqual(tagged)
    for (const { name, summary, tags, responses } of ours) {
      expect([name, typeof summary, tags?.length]).toEqual([name, 'string', 1])
      const statuses = Object.keys(responses).sort()
      expect([name, statuses]).toEqual([name, expect.arrayContaining(['4XX', '5XX'])])
      expect([name, statuses.some((status) => /^2\d\d$/.test(status))]).toEqual([name, true])
    }
  })

  it('says of each operation of /v1 which scope a key needs', () => {
    const asked = operations().map(({ name, security }) => [name, security])
    for (const [name, scope] of [
      ['post /v1/detect', 'identify'],
      ['delete /v1/galleries/{gallery}', 'admin'],
    ])
      expect(asked).toContainEqual([name, [{ key: [scope] }, { bearer: [scope] }]])
    // Who signs in or out has none.
    for (const [name, security] of asked)
      if (/ \/v1\/(?!session$)/.test(String(name)))
        expect([
          name,
          ['any', ...SCOPES].map((one) => [{ key: [one] }, { bearer: [one] }]),
        ]).toEqual([name, expect.arrayContaining([security])])
  })

  it('has no two schemas of one name', () => {
    expect(Object.keys(document.components.schemas).filter((name) => /Input$/.test(name))).toEqual(
      [],
    )
  })
})

describe.skipIf(chromium === undefined)('the page of it', () => {
  it('shows the operations, and asks no other host', async () => {
    const browser = await openChromium()
    try {
      const page = await browser.newPage()
      const troubles = troublesOf(page)
      const hosts = new Set<string>()
      page.on('request', (request) => hosts.add(new URL(request.url()).origin))
      await page.goto(`${server.url}/docs/`)
      await page.getByText('/v1/detect', { exact: true }).click()
      await page.getByText('multipart/form-data').first().waitFor()
      expect([troubles, [...hosts]]).toEqual([[], [server.url]])
    } finally {
      await browser.close()
    }
  })
})
