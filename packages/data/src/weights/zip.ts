import { crc32 } from 'node:zlib'
import type { InputFile } from '@arcface/files'
import { type ZipMember, zipMemberStart, zipMembers } from '@arcface/files'
import { weightsError } from './tensor.js'

/** A zip archive as torch.save writes it: without compression. */
export class StoredArchive {
  readonly #file: InputFile
  readonly #members = new Map<string, ZipMember>()

  /** @throws DataError DATA_WEIGHTS */
  constructor(file: InputFile) {
    this.#file = file
    let total = 0
    for (const member of zipMembers(file, this.#broken)) {
      const { name, method, encrypted, packed, size } = member
      if (method !== 0 || encrypted || packed !== size)
        throw this.#broken(`${name} is compressed, which torch.save never does`)
      if (this.#members.has(name)) throw this.#broken(`it lists ${name} twice`)
      // Members that share bytes would multiply the file's size in memory.
      total += size
      if (total > file.size) throw this.#broken('its members are longer than the file')
      this.#members.set(name, member)
    }
  }

  get names(): IterableIterator<string> {
    return this.#members.keys()
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  /** @throws DataError DATA_WEIGHTS where there is no such member, or it is damaged */
  read(name: string): Buffer {
    const member = this.#members.get(name)
    if (member === undefined) throw this.#broken(`the archive has no ${name}`)
    const start = zipMemberStart(this.#file, member, this.#broken)
    const bytes = this.#file.read(start, member.size)
    if (bytes.length !== member.size || crc32(bytes) !== member.crc32)
      throw this.#broken(`${name} is damaged: its checksum does not fit`)
    return bytes
  }

  readonly #broken = (why: string) => weightsError(this.#file.path, why)
}
