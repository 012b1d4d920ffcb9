import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGallery } from '@arcface/gallery'
import { afterAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'gallery-encrypt-cli-'))
afterAll(() => rmSync(room, { recursive: true }))

function arcface(args: readonly string[], environment: Record<string, string> = {}) {
  const { ARCFACE_GALLERY_KEY: _, ...env } = process.env
  return spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    env: { ...env, ...environment },
  })
}

describe('arcface gallery encrypt and rekey', () => {
  it('take keys from files and the environment, and say what is missing', async () => {
    const path = join(room, 'people')
    const [first, second] = ['first', 'second'].map((name) => {
      const text = randomBytes(32).toString('base64')
      writeFileSync(join(room, name), `${text}\n`)
      return { file: join(room, name), text }
    })
    const model = { sha256: 'a'.repeat(64), name: 'm', dim: 3, preprocessing: null }
    const gallery = await openGallery(path, { model })
    await gallery.enroll([{ person: 'Ada', embedding: Float32Array.of(1, 0, 0) }])
    await gallery.close()

    const none = arcface(['gallery', 'encrypt', path])
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('--key-file')])
    const encrypt = ['gallery', 'encrypt', path, '--key-file', first!.file, '--json']
    const encrypted = arcface(encrypt)
    expect(JSON.parse(encrypted.stdout)).toEqual({ people: 1, faces: 1, before: false })
    expect(JSON.parse(arcface(encrypt).stdout)).toMatchObject({ before: true })

    const list = ['gallery', 'list', path]
    const closed = arcface(list)
    expect([closed.status, closed.stdout]).toEqual([1, ''])
    expect(closed.stderr).toContain('encrypted')
    expect(arcface(list, { ARCFACE_GALLERY_KEY: first!.text }).stdout).toBe('Ada\t1 face\n')
    expect(arcface([...list, '--key-file', second!.file]).status).toBe(1)

    const rekey = ['gallery', 'rekey', path, '--key-file', first!.file]
    expect(arcface(rekey).status).toBe(2)
    const changed = arcface([...rekey, '--new-key-file', second!.file, '--json'])
    expect(JSON.parse(changed.stdout)).toEqual({ rekeyed: path, changed: true })
    expect(arcface([...list, '--key-file', second!.file]).stdout).toBe('Ada\t1 face\n')
  })
})
