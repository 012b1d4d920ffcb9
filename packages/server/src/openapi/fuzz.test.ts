import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SCOPES } from '../http/route.js'
import { temporaryKeys } from '../testing/keys.js'
import { type TestServer, testServer } from '../testing/server.js'

// Requests that the OpenAPI allows, and some that it does not: whatever comes, an answer is one that it announces.

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly minimum?: number
  readonly maximum?: number
}
interface Operation {
  readonly parameters?: readonly { in: string; name: string; required?: boolean; schema: Schema }[]
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { content?: Readonly<Record<string, { schema: Schema }>> }>
  >
}

let server: TestServer
let key: { 'x-api-key': string }
let document: { paths: Record<string, Record<string, Operation>>; components: object }
const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)

beforeAll(async () => {
  // With a key, lest one that is made ends what may be asked without.
  const { file } = temporaryKeys()
  const { text } = await file.create({ name: 'any', scopes: SCOPES })
  key = { 'x-api-key': text }
  server = await testServer({ keys: file.path })
  document = (await (await fetch(`${server.url}/docs/json`)).json()) as typeof document
  ajv.addSchema({ $id: 'api', components: document.components }, 'api')
  const json = { ...key, 'content-type': 'application/json' }
  const post = (path: string, body: object) =>
    fetch(server.url + path, { method: 'POST', headers: json, body: JSON.stringify(body) })
  await post('/v1/galleries', { name: 'staff' })
  await post('/v1/galleries/staff/people', { name: 'Ada' })
})
afterAll(() => server.close())

const nasty = fc.constantFrom(
  ...[
    '',
    ' ',
    '..',
    '%00',
    '\u0000',
    '__proto__',
    'constructor',
    '💥',
    'a/b',
    "'; --",
    '\u202e',
    'x'.repeat(3000),
  ],
)
const anything = fc.oneof(nasty, fc.anything({ maxDepth: 2 }))

/** Values of a schema, and now and then one that is none. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const options = schema.anyOf ?? schema.oneOf
  const right = (): fc.Arbitrary<unknown> => {
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (options) return fc.oneof(...options.map(valuesOf))
    const { minimum: min = -5, maximum: max = 5 } = schema
    if (schema.type === 'integer') {
      const least = Math.max(min, -9)
      return fc.integer({ min: least, max: Math.min(max, least + 18) })
    }
    if (schema.type === 'number') return fc.double({ min, max, noNaN: true })
    if (schema.type === 'boolean') return fc.boolean()
    if (schema.type === 'array') return fc.array(valuesOf(schema.items ?? {}), { maxLength: 3 })
    if (schema.type === 'object' && schema.properties)
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties).map(([key, one]) => [key, valuesOf(one)]),
        ),
        { requiredKeys: [] },
      )
    return fc.oneof(fc.string(), nasty)
  }
  return fc.oneof({ arbitrary: right(), weight: 6 }, { arbitrary: anything, weight: 1 })
}

/** Of a path: often what is there. */
const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  gallery: fc.constant('staff'),
  person: fc.constant('Ada'),
}

const requestOf = ({ parameters = [], requestBody }: Operation) =>
  fc.record({
    parameters: fc.tuple(
      ...parameters.map(({ in: place, name, required, schema }) => {
        const value = valuesOf(schema)
        const there = known[name]
        const usual = there ? fc.oneof(there, value) : value
        const given = required || place === 'path' ? usual : fc.option(usual, { nil: undefined })
        return given.map((one) => ({ place, name, value: one }))
      }),
    ),
    body: requestBody
      ? fc.oneof(
          ...Object.entries(requestBody.content).map(([type, { schema }]) =>
            valuesOf(schema).map((value) => ({ type, value })),
          ),
        )
      : fc.constant(undefined),
  })

const textOf = (value: unknown) =>
  typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value)

it('answers what it announces, whatever is asked', async () => {
  let done = 0
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const any = fc
    .constantFrom(...operations)
    .chain(({ path, method, operation }) =>
      requestOf(operation).map((request) => ({ path, method, operation, ...request })),
    )
  await fc.assert(
    fc.asyncProperty(any, async ({ path, method, operation, parameters, body }) => {
      const url = new URL(server.url)
      let place = path
      const headers = new Headers(key)
      for (const one of parameters) {
        if (one.value === undefined) continue
        const values = [one.value].flat().map(textOf)
        if (one.place === 'path')
          place = place.replace(
            `{${one.name}}`,
            encodeURIComponent(Buffer.from(values.join()).toString()),
          )
        else if (one.place === 'query')
          for (const value of values) url.searchParams.append(one.name, value)
        else if (/^[\x20-\x7e]*$/.test(values.join())) headers.set(one.name, values.join())
      }
      if (body) headers.set('content-type', body.type)
      const given =
        body && (/json/.test(body.type) ? JSON.stringify(body.value) : textOf(body.value))
      const answer = await fetch(`${server.url}${place}${url.search}`, {
        method: method.toUpperCase(),
        headers,
        ...(given !== undefined && { body: given }),
      })
      const type = answer.headers.get('content-type')?.split(';')[0]
      const text = await answer.text()
      expect(answer.status).toBeLessThan(500)
      // A segment of dots or nothing is another address.
      if (answer.status === 404 && type === 'application/problem+json') return
      const announced =
        operation.responses[answer.status] ??
        operation.responses[`${Math.floor(answer.status / 100)}XX`]
      expect([answer.status, announced === undefined]).toEqual([answer.status, false])
      if (answer.ok) done++
      if (text === '' || announced!.content === undefined) return
      const { schema } = announced!.content[type!] ?? {}
      expect([type, schema === undefined]).toEqual([type, false])
      if (!/json$/.test(type!)) return
      const whole = JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'api#/components'))
      const validate = ajv.compile(whole)
      expect([validate(JSON.parse(text)), validate.errors]).toEqual([true, null])
    }),
    { numRuns: 1000 },
  )
  expect(done).toBeGreaterThan(20)
})
