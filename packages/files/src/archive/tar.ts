import { createGunzip } from 'node:zlib'
import { FilesError } from '../errors.js'
import { streamRegular } from '../read/regular.js'
import { checkSize, refuse, type Wanted, writeMember } from './member.js'

// tar-stream and tar give links as members like others and unpack without a bound, which leaves the checks below to whoever
// calls them; with what they need they are ten and six packages.

const BLOCK = 512
/** Unpacked, all members together: more is a bomb. */
const MAX_TOTAL = 2 ** 32

/**
 * Takes named regular files out of a gzipped tar (POSIX ustar). Names in extended headers are not looked at: a file
 * that is wanted has a short name.
 * @throws FilesError FILES_ARCHIVE: damaged, a wanted member missing, a link, of a wrong size, or a bomb; FILES_READ,
 *   FILES_WRITE, FILES_DISK_FULL
 */
export async function extractTgz(archive: string, wanted: readonly Wanted[]): Promise<void> {
  const left = new Map(wanted.map((one) => [one.member, one]))
  const packed = streamRegular(archive)
  const unpacked = createGunzip()
  packed.on('error', (error) => unpacked.destroy(error))
  try {
    const bytes = new Bytes(packed.pipe(unpacked), archive)
    while (left.size > 0) {
      const header = await bytes.take(BLOCK)
      if (header === null || header.every((byte) => byte === 0)) break
      const { name, type, size } = readHeader(header, archive)
      const one = left.get(name)
      if (one) {
        if (type !== '0' && type !== '\0') throw refuse(archive, `${name} is no regular file`)
        checkSize(archive, one, size)
        await writeMember(archive, one, size, bytes.stream(size))
        left.delete(name)
      } else await bytes.skip(size)
      await bytes.skip(-size & (BLOCK - 1))
    }
  } catch (cause) {
    if (cause instanceof FilesError || (cause as { syscall?: string }).syscall !== undefined)
      throw cause
    throw refuse(archive, `it is damaged (${(cause as Error).message})`, cause)
  } finally {
    // It may stop long before the end of the archive.
    packed.destroy()
    unpacked.destroy()
  }
  if (left.size > 0) throw refuse(archive, `it lacks ${[...left.keys()].join(', ')}`)
}

function readHeader(header: Buffer, archive: string) {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length)
    const end = field.indexOf(0)
    return field.subarray(0, end < 0 ? length : end).toString('utf8')
  }
  const octal = (from: number, length: number) => {
    const digits = text(from, length).trim()
    if (!/^[0-7]*$/.test(digits)) throw refuse(archive, 'a header holds no octal number')
    return digits === '' ? 0 : Number.parseInt(digits, 8)
  }
  // The checksum counts its own field as spaces.
  const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0)
  if (sum !== octal(148, 8)) throw refuse(archive, 'a header is damaged')
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : ''
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    type: String.fromCharCode(header[156]!),
    size: octal(124, 12),
  }
}

/** Unpacked bytes, taken piece by piece. */
class Bytes {
  private rest: Buffer = Buffer.alloc(0)
  private total = 0
  private readonly source: AsyncIterator<Buffer>

  constructor(
    source: AsyncIterable<Buffer>,
    private readonly archive: string,
  ) {
    this.source = source[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes, or null at the end. */
  async take(count: number): Promise<Buffer | null> {
    while (this.rest.length < count) {
      const next = await this.next()
      if (next === null) return null
      this.rest = Buffer.concat([this.rest, next])
    }
    const taken = this.rest.subarray(0, count)
    this.rest = this.rest.subarray(count)
    return taken
  }

  async *stream(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.rest.length === 0) {
        const next = await this.next()
        if (next === null) throw refuse(this.archive, 'it is cut short')
        this.rest = next
      }
      const piece = this.rest.subarray(0, left)
      this.rest = this.rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  async skip(count: number): Promise<void> {
    for await (const _ of this.stream(count));
  }

  private async next(): Promise<Buffer | null> {
    const { value, done } = await this.source.next()
    if (done) return null
    this.total += value.length
    if (this.total > MAX_TOTAL)
      throw refuse(this.archive, `it unpacks to more than ${MAX_TOTAL} bytes`)
    return value
  }
}
