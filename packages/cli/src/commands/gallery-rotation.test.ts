import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportGallery, openGallery } from '@arcface/gallery'
import { face } from '@arcface/testing'
import { afterAll, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'gallery-rotation-'))
afterAll(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)

const gallery = (...args: string[]) =>
  spawnSync(process.execPath, [bin, 'gallery', ...args], { encoding: 'utf8' })

it('a gallery is made with --rotation-key, and is of no use without', async () => {
  const model = { sha256: 'b'.repeat(64), name: 'm.onnx', dim: 16, preprocessing: null }
  const plain = await openGallery(at('plain'), { model })
  await plain.enroll([{ person: 'Ada', embedding: face(16, 1) }])
  await exportGallery(plain, at('people.jsonl'))
  await plain.close()
  writeFileSync(at('key'), randomBytes(32).toString('base64'))
  const rotation = { file: at('key') }
  expect(
    gallery('import', at('staff'), at('people.jsonl'), '--rotation-key', at('key')).status,
  ).toBe(0)
  const staff = await openGallery(at('staff'), { rotation })
  expect(staff.rotated).toBe(true)
  expect((await staff.identify(face(16, 1))).matches[0]).toMatchObject({ name: 'Ada' })
  await staff.close()
  expect(gallery('list', at('staff')).stdout).toMatch(/^Ada/m)
  const without = gallery('export', at('staff'), at('out.jsonl'))
  expect(without.status).toBe(1)
  expect(without.stderr).toMatch(/^error GALLERY_KEY: .*rotation/m)
  expect(gallery('export', at('staff'), at('out.jsonl'), '--rotation-key', at('key')).status).toBe(
    0,
  )
  writeFileSync(at('other'), randomBytes(32))
  const turned = gallery(
    'rekey',
    at('staff'),
    '--rotation-key',
    at('key'),
    '--new-rotation-key',
    at('other'),
  )
  expect([turned.status, turned.stdout]).toEqual([
    0,
    `${at('staff')} is turned anew: 1 person, 1 face\n`,
  ])
  expect(
    gallery('export', at('staff'), at('out.jsonl'), '--rotation-key', at('other')).status,
  ).toBe(0)
  const wrong = gallery('export', at('staff'), at('out.jsonl'), '--rotation-key', at('key'))
  expect(wrong.stderr).toMatch(/^error GALLERY_KEY: .*wrapped by the master key/m)
})
