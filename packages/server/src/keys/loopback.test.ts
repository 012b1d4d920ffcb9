import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { temporaryKeys } from '../testing/keys.js'
import { testServer } from '../testing/server.js'
import { checkReach, isLoopback } from './loopback.js'

describe('an address of this machine alone', () => {
  it('is in 127.0.0.0/8, is ::1, or is called localhost', () => {
    const byte = fc.nat(255)
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        expect(isLoopback([a, b, c, d].join('.'))).toBe(a === 127)
        expect(isLoopback(`[::ffff:${[a, b, c, d].join('.')}]`)).toBe(a === 127)
      }),
    )
    for (const host of ['localhost', 'LocalHost', '::1', '[::1]', '0:0:0:0:0:0:0:1', '127.0.0.1'])
      expect([host, isLoopback(host)]).toEqual([host, true])
    for (const host of [
      '0.0.0.0',
      '::',
      '::2',
      'localhost.',
      '127.1',
      '127.0.0.1.',
      'example.org',
      '',
    ])
      expect([host, isLoopback(host)]).toEqual([host, false])
  })
})

describe('a server without keys', () => {
  it.each([
    [{ host: '0.0.0.0' }, /^host: .*no keys/],
    [{ host: '::' }, /^host: /],
    [{ host: 'example.org' }, /^host: /],
    [{ trustProxy: ['10.0.0.0/8'] }, /^trustProxy: /],
    [{ keys: '/nowhere/keys.json' }, /^keys: there is no file/],
  ])('does not start where others could reach it: %j', async (config, message) => {
    const started = testServer(config)
    await expect(started).rejects.toMatchObject({ code: 'SERVER_CONFIG' })
    await expect(started).rejects.toThrow(message)
  })

  it('says so', () => {
    const said: unknown[] = []
    checkReach(checkConfig({}), { warn: (...what: unknown[]) => said.push(...what) })
    expect(said).toEqual([expect.stringMatching(/no keys/)])
  })

  it('needs a key from the moment that there is one, also one that is revoked', async () => {
    using made = temporaryKeys()
    const server = await testServer({ data: made.folder })
    const status = async (key = 'none') =>
      (await fetch(`${server.url}/v1/galleries`, { headers: { 'x-api-key': key } })).status
    expect(await status()).toBe(200)
    const { text, key } = await made.file.create({ name: 'x', scopes: ['read'] })
    await server.reload()
    expect([await status(), await status(text)]).toEqual([401, 200])
    await made.file.revoke(key.id)
    await server.reload()
    expect(await status(text)).toBe(401)
    await server.close()
  })

  it('with keys starts on every address', async () => {
    using made = temporaryKeys()
    await made.file.create({ name: 'x', scopes: ['read'] })
    const server = await testServer({ data: made.folder, host: '0.0.0.0' })
    expect((await fetch(`http://127.0.0.1:${new URL(server.url).port}/docs/json`)).status).toBe(200)
    await server.close()
  })
})

describe('what a configuration may trust', () => {
  it.each([
    [{ trustProxy: ['10.0.0.0/8', '::1', 'fd00::/8', 'loopback'] }, true],
    [{ trustProxy: true }, false],
    [{ trustProxy: 1 }, false],
    [{ trustProxy: ['10.0.0.0/33'] }, false],
    [{ trustProxy: ['::/129'] }, false],
    [{ trustProxy: ['proxy.example.org'] }, false],
    [{ trustProxy: ['10.0.0.0/'] }, false],
    [{ cors: ['https://desk.example.org', 'http://localhost:3000'] }, true],
    [{ cors: ['*'] }, false],
    [{ cors: ['https://desk.example.org/'] }, false],
    [{ cors: ['null'] }, false],
    [{ tls: { cert: 'a' } }, false],
  ])('%j: %s', (config, isTaken) => {
    const check = () => checkConfig(config)
    if (isTaken) expect(check()).toMatchObject(config)
    else expect(check).toThrow(expect.objectContaining({ code: 'SERVER_CONFIG' }))
  })
})
