import { join } from 'node:path'
import { makeFolder, writeWhole } from '@arcface/files'
import { type ErasureReceipt, ReceiptKey } from '@arcface/gallery'

/** The key that signs what was erased, one for all galleries, and receipts that nobody waited for. */
export class Receipts {
  #key: Promise<ReceiptKey> | undefined

  /** @param folder where receipts lie that nobody took */
  constructor(
    private readonly keyFile: string,
    private readonly folder: string,
  ) {}

  /**
   * Made when it is first asked for: before an erasure, so that what stands in the way of a receipt is known by then.
   * @throws GalleryError GALLERY_RECEIPT, FilesError
   */
  key(): Promise<ReceiptKey> {
    this.#key ??= ReceiptKey.open(this.keyFile).catch((error) => {
      this.#key = undefined
      throw error
    })
    return this.#key
  }

  /** Writes one where nobody waits for it: `<id>.json`. @throws FilesError */
  keep(receipt: ErasureReceipt): void {
    makeFolder(this.folder, 0o700)
    const text = `${JSON.stringify(receipt, null, 2)}\n`
    writeWhole(join(this.folder, `${receipt.id}.json`), Buffer.from(text), { isPrivate: true })
  }
}
