import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryKeys } from '../testing/keys.js'
import { isSecret } from './secret.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('a file of keys', () => {
  it('keeps what a key may, and of the key itself a hash alone', async () => {
    using keys = temporaryKeys()
    expect(keys.file.read()).toBeUndefined()
    const expires = new Date('2030-01-02T03:04:05.678Z')
    const { text, key } = await keys.file.create({
      name: 'the gate',
      scopes: ['identify', 'identify'],
      galleries: ['staff'],
      expires,
      rate: 600,
    })
    expect(text).toMatch(UUID)
    expect(key).toMatchObject({
      ...{ id: text.slice(0, 8), name: 'the gate', scopes: ['identify'], galleries: ['staff'] },
      ...{ scores: false, expires, revoked: null, rate: 600 },
    })
    expect(keys.file.read()).toEqual([key])
    expect(await isSecret(text, key)).toBe(true)
    const written = readFileSync(keys.file.path, 'utf8')
    expect(written).not.toContain(text.slice(9))
    expect(written).not.toContain(text.slice(24))
    expect(statSync(keys.file.path).mode & 0o777).toBe(0o600)
  })

  it('gives scores to who may read embeddings, and to others if they are allowed', async () => {
    using keys = temporaryKeys()
    const scores = async (scopes: ('read' | 'identify' | 'admin' | 'enroll')[], given?: boolean) =>
      (await keys.file.create({ name: 'x', scopes, scores: given })).key.scores
    expect(await scores(['identify', 'enroll'])).toBe(false)
    expect(await scores(['identify'], true)).toBe(true)
    expect(await scores(['identify', 'read'])).toBe(true)
    expect(await scores(['admin'], false)).toBe(true)
  })

  it('revokes once, and removes', async () => {
    using keys = temporaryKeys()
    const { key } = await keys.file.create({ name: 'x', scopes: ['read'] })
    const { revoked } = await keys.file.revoke(key.id)
    expect(revoked).toBeInstanceOf(Date)
    expect((await keys.file.revoke(key.id)).revoked).toEqual(revoked)
    await keys.file.remove(key.id)
    expect(keys.file.read()).toEqual([])
    for (const change of ['revoke', 'remove'] as const)
      await expect(keys.file[change](key.id)).rejects.toMatchObject({ code: 'SERVER_REQUEST' })
  })

  it.each([
    [{ name: '', scopes: ['read'] }, /name/],
    [{ name: 'x', scopes: [] }, /scopes/],
    [{ name: 'x', scopes: ['everything'] }, /scopes/],
    [{ name: 'x', scopes: ['read'], galleries: ['../staff'] }, /galleries/],
    [{ name: 'x', scopes: ['read'], galleries: [] }, /galleries/],
    [{ name: 'x', scopes: ['read'], rate: 0 }, /rate/],
    [{ name: 'x', scopes: ['read'], expires: new Date(Number.NaN) }, /expires/],
  ])('makes no key of %j', async (wanted, message) => {
    using keys = temporaryKeys()
    const made = keys.file.create(wanted as never)
    await expect(made).rejects.toMatchObject({ code: 'SERVER_REQUEST' })
    await expect(made).rejects.toThrow(message)
    expect(keys.file.read()).toBeUndefined()
  })

  it('is never taken for none where it cannot be read', async () => {
    using keys = temporaryKeys()
    const { file } = keys
    const { text } = await file.create({ name: 'x', scopes: ['identify'] })
    const whole = readFileSync(file.path, 'utf8')
    const changed = (change: (value: { version: number; keys: object[] }) => void) => {
      const value = JSON.parse(whole)
      change(value)
      return JSON.stringify(value)
    }
    const broken = [
      '',
      whole.slice(0, -20),
      'null',
      '[]',
      '{}',
      changed((value) => value.keys.push(value.keys[0]!)),
      changed((value) => Object.assign(value, { version: 2 })),
      changed((value) => Object.assign(value.keys[0]!, { scope: 'admin' })),
      changed((value) => Object.assign(value.keys[0]!, { scores: false, scopes: ['read'] })),
      changed((value) => Object.assign(value.keys[0]!, { scrypt: { N: 2, r: 8, p: 1 } })),
      changed((value) => Object.assign(value.keys[0]!, { scrypt: { N: 2 ** 30, r: 8, p: 1 } })),
      changed((value) => Object.assign(value.keys[0]!, { scrypt: { N: 2 ** 15 + 1, r: 8, p: 1 } })),
      changed((value) => Object.assign(value.keys[0]!, { expires: 'tomorrow' })),
      changed((value) => Object.assign(value.keys[0]!, { hash: 'no base64' })),
      whole.replace('"name"', '"__proto__": {"revoked": null}, "name"'),
    ]
    for (const one of broken) {
      writeFileSync(file.path, one)
      expect(() => file.read(), one).toThrow(expect.objectContaining({ code: 'SERVER_KEYS' }))
      await expect(file.create({ name: 'y', scopes: ['read'] })).rejects.toMatchObject({
        code: 'SERVER_KEYS',
      })
      expect(readFileSync(file.path, 'utf8')).toBe(one)
    }
    expect(text).toMatch(UUID)
    const { KeyFile } = await import('./key-file.js')
    symlinkSync(join(keys.folder, 'nowhere'), join(keys.folder, 'link'))
    for (const path of [join(keys.folder, 'link'), keys.folder, join(file.path, 'below')])
      expect(() => new KeyFile(path).read()).toThrow(
        expect.objectContaining({ code: 'SERVER_KEYS' }),
      )
  })

  it('loses nothing of what several processes write at once', async () => {
    using keys = temporaryKeys()
    const module = fileURLToPath(new URL('../../dist/keys/key-file.js', import.meta.url))
    const program = `
      const { KeyFile } = await import(${JSON.stringify(module)})
      const file = new KeyFile(process.argv[1])
      const made = []
      for (let i = 0; i < 3; i++) made.push((await file.create({ name: 'x', scopes: ['read'] })).key.id)
      await file.revoke(made[0])
      console.log(made.join(' '))`
    const run = promisify(execFile)
    const outputs = await Promise.all(
      [1, 2, 3].map(() =>
        run(process.execPath, ['--input-type=module', '-e', program, keys.file.path]),
      ),
    )
    const made = outputs.map(({ stdout }) => stdout.trim().split(' '))
    const kept = keys.file.read()!
    expect(kept.map(({ id }) => id).sort()).toEqual(made.flat().sort())
    const revoked = kept.filter((key) => key.revoked !== null).map(({ id }) => id)
    expect(revoked.sort()).toEqual(made.map(([first]) => first).sort())
    // Besides the lock, which stays, no temporary file does.
    const files = readdirSync(keys.folder).filter((name) => !name.startsWith('keys.json.lock'))
    expect(files).toEqual(['keys.json'])
  })
})
