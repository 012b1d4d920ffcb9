import { chromium, openChromium, serveSite } from '@arcface/testing/chromium'
import { describe, expect, it } from 'vitest'
import { testServer } from '../testing/server.js'

describe('what browsers are told', () => {
  it('is that nothing of an answer is a page, wherever it comes from', async () => {
    const server = await testServer()
    for (const path of ['/v1/model', '/nothing', '/%zz']) {
      const { headers } = await fetch(`${server.url}${path}`)
      const isRead = path !== '/%zz' // which no hook sees
      expect([path, headers.get('x-content-type-options')]).toEqual([
        path,
        isRead ? 'nosniff' : null,
      ])
      if (isRead)
        expect(headers.get('content-security-policy')).toBe(
          "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
        )
      expect(headers.get('strict-transport-security')).toBeNull()
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
    await server.close()
  })

  it('is which origins may ask, by name', async () => {
    const desk = 'https://desk.example.org'
    const server = await testServer({ cors: [desk] })
    const ask = (origin: string, method: string) =>
      fetch(`${server.url}/v1/model`, {
        method,
        headers: {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'x-api-key',
        },
      })
    const preflight = await ask(desk, 'OPTIONS')
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(desk)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-api-key')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
    const answer = await ask(desk, 'GET')
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, desk])
    for (const origin of [
      'https://evil.example',
      `${desk}.evil.example`,
      'http://desk.example.org',
    ])
      for (const method of ['OPTIONS', 'GET']) {
        const refused = await ask(origin, method)
        expect([origin, refused.headers.get('access-control-allow-origin')]).toEqual([origin, null])
      }
    await server.close()
  })
})

describe.skipIf(chromium === undefined)('pages of others, in Chromium', () => {
  it('reach a server without keys neither by its address nor by a name given to it', async () => {
    const html = '<!doctype html><title>evil</title>'
    const site = await serveSite({ 'index.html': html })
    const origin = site.url.replace(/\/$/, '')
    const [closed, open] = [await testServer(), await testServer({ cors: [origin] })]
    const browser = await openChromium({
      args: ['--host-resolver-rules=MAP evil.example 127.0.0.1'],
    })
    try {
      const page = await browser.newPage()
      await page.goto(site.url)
      const asked = await page.evaluate(
        async ([closed, open]) => {
          const say = (answer: Promise<Response>) =>
            answer.then(
              ({ status, type }) => `${type} ${status}`,
              () => 'failed',
            )
          const make = (url: string, mode: 'cors' | 'no-cors') =>
            // A form's type, which a page may send anywhere without asking first.
            say(fetch(`${url}/v1/galleries`, { method: 'POST', mode, body: '{"name": "evil"}' }))
          return [
            await say(fetch(`${closed}/v1/model`)),
            await make(closed!, 'cors'),
            await make(closed!, 'no-cors'),
            await say(fetch(`${open}/v1/model`)),
          ]
        },
        [closed.url, open.url],
      )
      expect(asked).toEqual(['failed', 'failed', 'failed', 'cors 200'])
      const { port } = new URL(closed.url)
      const rebound = await page.goto(`http://evil.example:${port}/v1/model`)
      expect([rebound!.status(), await rebound!.json()]).toMatchObject([
        403,
        { code: 'SERVER_ORIGIN' },
      ])
      const typed = await page.goto(`${closed.url}/v1/galleries`)
      expect([typed!.status(), await typed!.json()]).toEqual([200, { galleries: [] }])
    } finally {
      await browser.close()
      await Promise.all([closed.close(), open.close(), site.close()])
    }
  })
})
