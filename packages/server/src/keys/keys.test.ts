import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { silent, temporaryKeys } from '../testing/keys.js'
import { Keys } from './keys.js'

/** What is said of a key that is refused. */
const whyNot = (keys: Keys, text: string | undefined): Promise<string> =>
  keys.check(text).then(
    () => 'good',
    (error: Error & { code: string }) => `${error.code} ${error.message}`,
  )

describe('keys', () => {
  it('take the right one, and refuse all others with the same words', async () => {
    using made = temporaryKeys()
    const { text, key } = await made.file.create({ name: 'x', scopes: ['identify'] })
    const soon = new Date(Date.now() + 10)
    const old = await made.file.create({ name: 'old', scopes: ['read'], expires: soon })
    const lost = await made.file.create({ name: 'lost', scopes: ['read'] })
    await made.file.revoke(lost.key.id)
    await vi.waitUntil(() => Date.now() > soon.getTime())
    const keys = await Keys.open(made.file.path, silent)
    expect(keys.inForce).toBe(true)
    expect(keys.proven(text)).toBeUndefined()
    const { hash: _, salt: __, scrypt: ___, ...known } = key
    expect(await keys.check(text)).toEqual(known)
    expect(keys.proven(text)).toEqual(known)
    expect(keys.proven(` ${text.toUpperCase()}`)).toEqual(known)
    const others = [old.text, lost.text, text, randomUUID()].map(
      (one) => one.slice(0, 9) + randomUUID().slice(9),
    )
    const refusals = await Promise.all(
      [...others, 'no key', '', `${text}0`, text.slice(0, 8)].map((one) => whyNot(keys, one)),
    )
    expect(new Set(refusals)).toEqual(new Set(['SERVER_KEY this key is not taken']))
    expect(await whyNot(keys, undefined)).toBe('SERVER_KEY a key is missing')
    expect(await whyNot(keys, old.text)).toBe(`SERVER_KEY the key ${old.key.id} has expired`)
    expect(await whyNot(keys, lost.text)).toBe(`SERVER_KEY the key ${lost.key.id} was revoked`)
    for (const one of others) expect(keys.proven(one)).toBeUndefined()
    keys.close()
  })

  it('refuse one that expires while the server runs', async () => {
    using made = temporaryKeys()
    const expires = new Date(Date.now() + 1500)
    const { text, key } = await made.file.create({ name: 'x', scopes: ['read'], expires })
    const keys = await Keys.open(made.file.path, silent)
    await keys.check(text)
    await vi.waitUntil(() => Date.now() > expires.getTime(), { timeout: 5000 })
    expect(keys.proven(text)).toBeUndefined()
    expect(await whyNot(keys, text)).toBe(`SERVER_KEY the key ${key.id} has expired`)
    keys.close()
  })

  it('follow their file: written anew, renamed over, or behind a link that is turned', async () => {
    using made = temporaryKeys()
    const { text } = await made.file.create({ name: 'x', scopes: ['read'] })
    const { folder, file } = made
    // As Kubernetes lays a secret: keys.json -> ..data/keys.json, ..data -> ..1, which is exchanged whole.
    mkdirSync(join(folder, '..1'))
    mkdirSync(join(folder, '..2'))
    renameSync(file.path, join(folder, '..1/keys.json'))
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync('..data/keys.json', file.path)
    const keys = await Keys.open(file.path, silent)
    await keys.check(text)
    writeFileSync(join(folder, '..2/keys.json'), '{"version": 1, "keys": []}')
    symlinkSync('..2', join(folder, '..new'))
    renameSync(join(folder, '..new'), join(folder, '..data'))
    await vi.waitUntil(() => !keys.proven(text), { timeout: 10_000 })
    expect(await whyNot(keys, text)).toMatch('SERVER_KEY')

    rmSync(file.path)
    const { text: other, key } = await made.file.create({ name: 'y', scopes: ['read'] })
    await vi.waitUntil(async () => (await whyNot(keys, other)) === 'good', { timeout: 10_000 })
    await made.file.revoke(key.id)
    await vi.waitUntil(() => !keys.proven(other), { timeout: 10_000 })
    keys.close()
  })

  it('stay what they were while their file is damaged, and are all refused when it is gone', async () => {
    using made = temporaryKeys()
    const errors: unknown[] = []
    const { text } = await made.file.create({ name: 'x', scopes: ['read'] })
    const whole = readFileSync(made.file.path)
    const log = { ...silent, error: (error: unknown) => errors.push(error) }
    const keys = await Keys.open(made.file.path, log)
    writeFileSync(made.file.path, 'damaged')
    await keys.reload()
    expect(errors).toMatchObject([{ err: { code: 'SERVER_KEYS' } }])
    await keys.check(text)
    rmSync(made.file.path)
    await keys.reload()
    expect([keys.inForce, await whyNot(keys, text)]).toEqual([
      true,
      'SERVER_KEY this key is not taken',
    ])
    writeFileSync(made.file.path, whole)
    await keys.reload()
    await keys.check(text)
    keys.close()
  })

  it('are needed from the moment that there are some', async () => {
    using made = temporaryKeys()
    const keys = await Keys.open(made.file.path, silent)
    expect(keys.inForce).toBe(false)
    const { text } = await made.file.create({ name: 'x', scopes: ['read'] })
    await vi.waitUntil(() => keys.inForce, { timeout: 10_000 })
    await keys.check(text)
    await made.file.remove(text.slice(0, 8))
    await keys.reload()
    expect(keys.inForce).toBe(true)
    keys.close()
  })

  it('are not there where their file is damaged at the start', async () => {
    using made = temporaryKeys()
    writeFileSync(made.file.path, '{')
    await expect(Keys.open(made.file.path, silent)).rejects.toMatchObject({ code: 'SERVER_KEYS' })
  })

  it('prove a key once for all who bring it at the same time, and refuse a crowd of guesses', async () => {
    using made = temporaryKeys()
    const { text } = await made.file.create({ name: 'x', scopes: ['read'] })
    const keys = await Keys.open(made.file.path, silent)
    const same = await Promise.all(Array.from({ length: 100 }, () => whyNot(keys, text)))
    expect(new Set(same)).toEqual(new Set(['good']))
    const guesses = await Promise.all(
      Array.from({ length: 40 }, () => whyNot(keys, text.slice(0, 9) + randomUUID().slice(9))),
    )
    // Two in work, 32 behind them.
    const busy = guesses.filter((why) => why.startsWith('SERVER_RATE')).length
    expect([busy, guesses.filter((why) => why.startsWith('SERVER_KEY')).length]).toEqual([6, 34])
    await keys.check(text)
    keys.close()
  })
})
