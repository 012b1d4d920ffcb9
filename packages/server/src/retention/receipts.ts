import { join } from 'node:path'
import { makeFolder, writeWhole } from '@arcface/files'
import { type Erasure, type ErasureReceipt, ReceiptKey, receiptOf } from '@arcface/gallery'

/** Signs what was erased, with one key for all galleries, which is made for the first receipt. */
export class Receipts {
  #key: Promise<ReceiptKey> | undefined

  /** @param folder where receipts lie that nobody took */
  constructor(
    private readonly keyFile: string,
    private readonly folder: string,
  ) {}

  /** What stands in the way of a receipt is to be known before the erasure. @throws GalleryError GALLERY_RECEIPT, FilesError */
  key(): Promise<ReceiptKey> {
    const opening = this.#key ?? ReceiptKey.open(this.keyFile)
    this.#key = opening
    opening.catch(() => {
      if (this.#key === opening) this.#key = undefined
    })
    return opening
  }

  async sign(
    erasure: Erasure,
    gallery: string,
    why: ErasureReceipt['why'],
  ): Promise<ErasureReceipt> {
    return receiptOf(erasure, await this.key(), { gallery, why })
  }

  /** Writes one where nobody waits for it: `<id>.json`. @throws FilesError */
  keep(receipt: ErasureReceipt): void {
    makeFolder(this.folder, 0o700)
    const text = `${JSON.stringify(receipt, null, 2)}\n`
    writeWhole(join(this.folder, `${receipt.id}.json`), Buffer.from(text), { isPrivate: true })
  }
}
