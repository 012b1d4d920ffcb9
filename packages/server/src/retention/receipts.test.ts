import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReceiptKey } from '@arcface/gallery'
import { expect, it } from 'vitest'
import { Receipts } from './receipts.js'

it('the key of receipts is asked for again where it could not be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'receipts-'))
  try {
    const file = join(folder, 'receipts.pem')
    const receipts = new Receipts(file, join(folder, 'receipts'))
    writeFileSync(file, 'no key')
    for (let i = 0; i < 2; i++)
      await expect(receipts.key()).rejects.toMatchObject({ code: 'GALLERY_RECEIPT' })
    rmSync(file)
    const { publicKey } = await ReceiptKey.open(file)
    expect((await receipts.key()).publicKey).toBe(publicKey)
    expect(await receipts.key()).toBe(await receipts.key())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
