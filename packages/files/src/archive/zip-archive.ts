// Not by name: a Node that has no crc32 would stop before node.ts says that it is too old.
import zlib from 'node:zlib'
import type { InputFile } from '../read/read.js'
import { streamRegular } from '../read/regular.js'
import { type ZipMember, zipMemberStart, zipMembers } from './zip.js'

const STORED = 0
const DEFLATED = 8
const LINK = 0o120000

/**
 * A zip in an open file, which stays its owner's. What cannot be one is refused: members of one name, or longer together
 * than the file (they would share bytes, and multiply its size); of what is taken out links, what is encrypted or packed in
 * an unknown way, and bytes that are not those of the list.
 */
export class ZipArchive {
  readonly #file: InputFile
  readonly #broken: (why: string, cause?: unknown) => Error
  readonly #members = new Map<string, ZipMember>()

  /** @param broken makes the error for a damaged archive, which all members throw */
  constructor(file: InputFile, broken: (why: string, cause?: unknown) => Error) {
    this.#file = file
    this.#broken = broken
    let total = 0
    for (const member of zipMembers(file, broken)) {
      if (this.#members.has(member.name)) throw broken(`it lists ${member.name} twice`)
      total += member.packed
      if (total > file.size) throw broken('its members are longer than the file')
      this.#members.set(member.name, member)
    }
  }

  get names(): string[] {
    return [...this.#members.keys()]
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  /** Bytes of a member when it is unpacked, as the list says. */
  sizeOf(name: string): number {
    return this.#find(name).size
  }

  /** The bytes of a member that is stored without compression, which cannot be more than the file has. */
  readStored(name: string): Buffer {
    const member = this.#find(name)
    if (member.method !== STORED) throw this.#broken(`${name} is compressed`)
    const bytes = this.#file.read(this.#start(member), member.size)
    if (zlib.crc32(bytes) !== member.crc32) throw this.#damaged(name, 'its checksum does not fit')
    return bytes
  }

  /**
   * The bytes of a member, piece by piece, with an error at their end where they are not those that were packed. More than
   * `sizeOf` may come of a hostile one: who takes them counts.
   */
  async *unpack(name: string): AsyncGenerator<Uint8Array> {
    const member = this.#find(name)
    const start = this.#start(member)
    if (member.packed === 0) return
    const packed = streamRegular(this.#file.path, { start, end: start + member.packed - 1 })
    let sum = 0
    try {
      for await (const chunk of member.method === STORED ? packed : inflate(packed)) {
        sum = zlib.crc32(chunk, sum)
        yield chunk
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause
      throw this.#damaged(name, (cause as Error).message, cause)
    } finally {
      packed.destroy()
    }
    if (sum !== member.crc32) throw this.#damaged(name, 'its checksum does not fit')
  }

  #find(name: string): ZipMember {
    const member = this.#members.get(name)
    if (member === undefined) throw this.#broken(`it has no ${name}`)
    const { mode, encrypted, method, packed, size } = member
    if ((mode & 0o170000) === LINK) throw this.#broken(`${name} is a link`)
    if (encrypted || (method !== STORED && method !== DEFLATED))
      throw this.#broken(`${name} is encrypted or packed in an unknown way`)
    if (method === STORED && packed !== size)
      throw this.#broken(`${name} is stored in ${packed} bytes, but has ${size}`)
    return member
  }

  #start(member: ZipMember): number {
    return zipMemberStart(this.#file, member, this.#broken)
  }

  #damaged(name: string, why: string, cause?: unknown): Error {
    return this.#broken(`${name} is damaged: ${why}`, cause)
  }
}

function inflate(packed: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  const inflated = zlib.createInflateRaw()
  packed.on('error', (error) => inflated.destroy(error))
  // Whoever stops reading before the end no longer listens, and an error that nobody hears ends the process.
  inflated.on('error', () => {})
  return packed.pipe(inflated)
}
