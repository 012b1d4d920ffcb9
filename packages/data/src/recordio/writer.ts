import { rmSync } from 'node:fs'
import { OutputFile, unwritable } from '@arcface/files'
import { indexPath, listPath } from './find.js'
import { encodeRecord } from './record.js'

/** Writes records and their `.idx`; both appear when `commit` is called. */
export class RecordWriter {
  readonly #records: OutputFile
  readonly #index: OutputFile

  /** @param path the `.rec` @throws FilesError FILES_WRITE */
  constructor(readonly path: string) {
    this.#records = new OutputFile(path)
    this.#index = new OutputFile(indexPath(path))
  }

  /** @throws FilesError FILES_WRITE; DataError DATA_OPTION */
  add(key: number, payload: Buffer): void {
    this.#index.write(`${key}\t${this.#records.position}\n`)
    this.#records.write(encodeRecord(payload))
  }

  /**
   * The data first: what lay beside an older file of this name, and would not fit, is gone before.
   * @throws FilesError FILES_WRITE
   */
  commit(): void {
    for (const old of [indexPath(this.path), listPath(this.path)]) remove(old)
    this.#records.commit()
    this.#index.commit()
  }

  [Symbol.dispose](): void {
    this.#records[Symbol.dispose]()
    this.#index[Symbol.dispose]()
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw unwritable(path, error, `${path} cannot be replaced`)
  }
}
