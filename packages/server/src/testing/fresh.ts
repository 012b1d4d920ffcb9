import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { connect } from '../client/client.js'
import { type TestServer, testServer } from './server.js'

/** What a test asks. */
export interface Fresh {
  server: TestServer
  client: ReturnType<typeof connect>
  /** Of this test alone. */
  gallery: string
}

/** One server with drawn models for the tests of a file, and before each test a gallery of its own. */
export function freshGalleries(): Fresh {
  const fresh = {} as Fresh
  let count = 0
  beforeAll(async () => {
    fresh.server = await testServer()
    fresh.client = connect({ url: fresh.server.url })
  })
  beforeEach(async () => {
    fresh.gallery = `people-${++count}`
    const { response } = await fresh.client.POST('/v1/galleries', { body: { name: fresh.gallery } })
    expect(response.status).toBe(201)
  })
  afterAll(() => fresh.server.close())
  return fresh
}
