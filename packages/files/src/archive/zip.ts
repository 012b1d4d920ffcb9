import { Cursor } from '../read/cursor.js'
import type { InputFile } from '../read/read.js'

// PKWARE's APPNOTE 6.3: 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3. The zip libraries of npm inflate what they are given,
// which is what a bomb needs, and yauzl 3.4 ends the process at an offset beyond 2^53.

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
/** The end record, and the longest comment behind it. */
const TAIL = 22 + 0xffff
/** No archive of weights or models has as many. */
const MOST_MEMBERS = 200_000

/** What the list of an archive says of a member; nothing of it is true until its bytes fit. */
export interface ZipMember {
  readonly name: string
  readonly encrypted: boolean
  /** 0 stored, 8 deflated. */
  readonly method: number
  /** Of Unix, with the kind of file; 0 where it says none. */
  readonly mode: number
  readonly crc32: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Bytes when unpacked. */
  readonly size: number
  /** Of its own header. */
  readonly offset: number
}

/** The members of a zip, with fields of 64 bits where it has them. @param broken makes the error for a damaged list */
export function zipMembers(file: InputFile, broken: (why: string) => Error): ZipMember[] {
  const directory = cursorAt(file, ...findDirectory(file, broken), broken)
  const members: ZipMember[] = []
  while (directory.left > 0) {
    if (members.length === MOST_MEMBERS) throw broken(`it lists more than ${MOST_MEMBERS} members`)
    members.push(readMember(directory, broken))
  }
  return members
}

/** Where the bytes of a member begin, which are all there. @param broken as for `zipMembers` */
export function zipMemberStart(
  file: InputFile,
  { name, offset, packed }: ZipMember,
  broken: (why: string) => Error,
): number {
  const local = cursorAt(file, offset, 30, broken)
  if (local.u32() !== LOCAL) throw broken(`${name} is not where the list says`)
  local.take(22)
  const start = offset + 30 + local.u16() + local.u16()
  if (start + packed > file.size) throw broken(`${name} is cut short`)
  return start
}

/** First byte and length of the list. */
function findDirectory(file: InputFile, broken: (why: string) => Error): [number, number] {
  const { size } = file
  const start = Math.max(0, size - TAIL)
  const tail = cursorAt(file, start, size - start, broken)
  let at = tail.bytes.length - 22
  while (at >= 0 && tail.bytes.readUInt32LE(at) !== END) at--
  if (at < 0) throw broken('the archive has no end (truncated)')
  if (at >= 20 && tail.bytes.readUInt32LE(at - 20) === LOCATOR_64) {
    tail.position = at - 12
    const end = cursorAt(file, tail.u64(), 56, broken)
    if (end.u32() !== END_64) throw broken('the end of the archive is damaged')
    end.take(36)
    const length = end.u64()
    return [end.u64(), length]
  }
  tail.position = at + 12
  const length = tail.u32()
  return [tail.u32(), length]
}

function readMember(directory: Cursor, broken: (why: string) => Error): ZipMember {
  if (directory.u32() !== CENTRAL) throw broken('the list of the archive is damaged')
  directory.take(4)
  const encrypted = (directory.u16() & 1) === 1
  const method = directory.u16()
  directory.take(4)
  const crc32 = directory.u32()
  let [packed, size] = [directory.u32(), directory.u32()]
  const lengths = [directory.u16(), directory.u16(), directory.u16()] as const
  directory.take(4)
  const mode = directory.u32() >>> 16
  let offset = directory.u32()
  const name = directory.take(lengths[0]).toString('utf8')
  const extra = new Cursor(directory.take(lengths[1]), broken)
  directory.take(lengths[2])
  while (extra.left >= 4) {
    const [id, bytes] = [extra.u16(), extra.take(extra.u16())]
    if (id !== 1) continue
    const wide = new Cursor(bytes, broken)
    if (size === 0xffffffff) size = wide.u64()
    if (packed === 0xffffffff) packed = wide.u64()
    if (offset === 0xffffffff) offset = wide.u64()
  }
  return { name, encrypted, method, mode, crc32, packed, size, offset }
}

function cursorAt(
  file: InputFile,
  position: number,
  length: number,
  broken: (why: string) => Error,
): Cursor {
  if (position + length > file.size)
    throw broken(`${length} bytes are announced at byte ${position} of ${file.size}`)
  return new Cursor(file.read(position, length), broken)
}
