import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { expect, it } from 'vitest'
import type { Gallery } from '../gallery/gallery.js'
import { beforeEachGallery } from '../testing/fresh.js'
import { fingerprintOf, ReceiptKey } from './key.js'
import { checkReceipt, type ErasureReceipt, isAbout, receiptOf } from './receipt.js'

const DIM = 16

let gallery: Gallery
let file: string
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  file = join(folder, 'data/receipts.pem')
})

async function erased(key: ReceiptKey): Promise<ErasureReceipt> {
  await gallery.enroll([
    { person: 'Ada Lovelace', embedding: face(DIM, 1), thumbnail: new Uint8Array(40).fill(7) },
    { person: 'Grace', embedding: face(DIM, 2) },
    { person: 'Jos\u00e9', embedding: face(DIM, 3) },
  ])
  const erasure = await gallery.erase(['Ada Lovelace', 'Jos\u00e9'])
  return receiptOf(erasure, key, { gallery: 'staff', why: 'asked' })
}

it('a receipt tells what was destroyed to everybody, and of whom to who has the key', async () => {
  const key = await ReceiptKey.open(file)
  const receipt = await erased(key)
  expect(receipt).toMatchObject({
    gallery: 'staff',
    why: 'asked',
    method: 'files rewritten',
    searched: { people: 3, faces: 3, files: expect.any(Number), bytes: expect.any(Number) },
    found: { people: 0, faces: 0, secrets: 0 },
  })
  expect(receipt.people.map(({ faces, pictures }) => [faces, pictures]).sort()).toEqual([
    [1, 0],
    [1, 1],
  ])
  const text = JSON.stringify(receipt)
  for (const secret of ['Ada', 'Lovelace', 'Jos', ...face(DIM, 1).slice(0, 4)])
    expect(text).not.toContain(`${secret}`)
  for (const [name, isThere] of [
    ['Ada Lovelace', true],
    [' Jose\u0301 ', true],
    ['Grace', false],
    ['ada lovelace', false],
  ] as const)
    expect(isAbout(receipt, key, name), name).toBe(isThere)
  const other = await ReceiptKey.open(join(file, '../other.pem'))
  expect(isAbout(receipt, other, 'Ada Lovelace')).toBe(false)
  // Of two receipts nobody can tell that they are about the same person.
  const again = await erased(key)
  const marks = [...receipt.people, ...again.people].map(({ mark }) => mark)
  expect(new Set(marks).size).toBe(4)
})

it('is checked as it says itself, by whatever verifies Ed25519', async () => {
  const receipt = await erased(await ReceiptKey.open(file))
  const { signature, ...rest } = receipt
  const inOrder = (_: string, value: unknown) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort())
      : value
  const public_ = createPublicKey(
    `-----BEGIN PUBLIC KEY-----\n${receipt.key}\n-----END PUBLIC KEY-----`,
  )
  const bytes = Buffer.from(JSON.stringify(rest, inOrder))
  expect(verify(null, bytes, public_, Buffer.from(signature, 'base64'))).toBe(true)
})

it('that was changed anywhere is refused, and one that was written anew is not', async () => {
  const receipt = await erased(await ReceiptKey.open(file))
  const { signature, people, ...rest } = receipt
  expect(checkReceipt({ people, signature, ...rest })).toEqual(receipt)
  expect(checkReceipt(JSON.parse(JSON.stringify(receipt, null, 4)))).toEqual(receipt)
  const other = await ReceiptKey.open(join(file, '../other.pem'))
  for (const change of [
    { found: { ...receipt.found, faces: 1 } },
    { people: people.slice(1) },
    { ended: receipt.began },
    { method: 'key destroyed' },
    { beyond: [] },
    { key: other.publicKey },
    { key: 'AAAA' },
    { signature: Buffer.alloc(64).toString('base64') },
    { note: 'a field more' },
    { format: 2 },
  ])
    expect(() => checkReceipt({ ...receipt, ...change }), JSON.stringify(change)).toThrow(
      expect.objectContaining({ code: 'GALLERY_RECEIPT' }),
    )
  for (const none of [null, 'text', [], {}, rest])
    expect(() => checkReceipt(none)).toThrow(expect.objectContaining({ code: 'GALLERY_RECEIPT' }))
})

it('a key is made once, also by two at once, is its owner\u2019s alone, and stays', async () => {
  const keys = await Promise.all([1, 2, 3].map(() => ReceiptKey.open(file)))
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(file, '..')).filter((name) => !name.endsWith('.lock'))).toEqual([
    'receipts.pem',
  ])
  expect((await ReceiptKey.open(file)).publicKey).toBe(keys[0]!.publicKey)
  expect(fingerprintOf(keys[0]!.publicKey)).toMatch(/^[0-9a-f]{64}$/)
})

it('what is no key is refused, and not written over', async () => {
  mkdirSync(join(file, '..'))
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  for (const text of ['', 'not a key', rsa.export({ type: 'pkcs8', format: 'pem' }) as string]) {
    writeFileSync(file, text)
    await expect(ReceiptKey.open(file)).rejects.toMatchObject({ code: 'GALLERY_RECEIPT' })
    expect(readFileSync(file, 'utf8')).toBe(text)
  }
})
