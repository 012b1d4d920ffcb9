import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, testServer } from '../testing/server.js'

const folder = fileURLToPath(new URL('../../studio', import.meta.url))

let server: TestServer
beforeAll(async () => {
  server = await testServer()
})
afterAll(() => server.close())
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers })

describe('the studio', () => {
  it('is built', () => expect(existsSync(`${folder}/index.html`)).toBe(true))

  it('is at the root, and at the address of each of its pages', async () => {
    const page = readFileSync(`${folder}/index.html`, 'utf8')
    for (const path of ['/', '/people', '/training/a/b?run=x']) {
      const answer = await get(path)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ])
      expect(await answer.text()).toBe(page)
    }
  })

  it('has a policy that lets nothing in or out', async () => {
    const { headers } = await get('/people')
    const policy = headers.get('content-security-policy')!
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|http|\*/)
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-cache')
  })

  it('has its files packed, for ever', async () => {
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(await (await get('/')).text())!
    const answer = await get(script!, { 'accept-encoding': 'gzip' })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'application/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    expect(await answer.text()).toBe(readFileSync(`${folder}${script}`, 'utf8'))
  })

  it.each([
    '/assets/nothing.js',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets/',
  ])('has nothing at %s', async (path) => {
    const answer = await get(path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      expect.toSatisfy((status: number) => status >= 400 && status < 500),
      'application/problem+json; charset=utf-8',
    ])
  })

  it('is not there where nobody wants it', async () => {
    const without = await testServer({ studio: false })
    try {
      expect((await fetch(without.url)).status).toBe(404)
    } finally {
      await without.close()
    }
  })
})
