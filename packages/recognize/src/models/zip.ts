import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInflateRaw } from 'node:zlib'
import { RecognizeError } from '../errors.js'
import { checkSize, refuse, type Wanted, writeMember } from './archive.js'

// Signatures and layouts: PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16.
const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const LOCAL_SIZE = 30
const MAX_COMMENT = 0xffff
/** A list of members that is longer is no list of models. */
const MAX_DIRECTORY = 2 ** 22
const LINK = 0o120000

interface Member {
  name: string
  method: number
  encrypted: boolean
  mode: number
  packed: number
  size: number
  offset: number
}

/**
 * Takes named files out of a zip, whatever folder they lie in.
 * @throws RecognizeError RECOGNIZE_ARCHIVE: damaged, a wanted member missing or there twice, a link, encrypted, of a wrong size
 */
export async function extractZip(archive: string, wanted: readonly Wanted[]): Promise<void> {
  const file = await open(archive, 'r')
  try {
    const members = await readDirectory(file, archive)
    for (const one of wanted) {
      const found = members.filter(({ name }) => `/${name}`.endsWith(`/${one.member}`))
      if (found.length !== 1)
        throw refuse(
          archive,
          `it holds ${one.member} ${found.length === 0 ? 'not at all' : 'twice'}`,
        )
      await extract(file, archive, one, found[0]!)
    }
  } finally {
    await file.close()
  }
}

async function read(
  file: FileHandle,
  archive: string,
  at: number,
  length: number,
): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  if (bytesRead < length) throw refuse(archive, 'it is cut short')
  return buffer
}

async function readDirectory(file: FileHandle, archive: string): Promise<Member[]> {
  const { size } = await file.stat()
  const start = Math.max(0, size - END_SIZE - MAX_COMMENT)
  const tail = await read(file, archive, start, size - start)
  let end = tail.length - END_SIZE
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--
  if (end < 0) throw refuse(archive, 'it is no zip, or cut short')
  const [length, offset] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (length > MAX_DIRECTORY || offset + length > size) throw refuse(archive, 'its list is damaged')
  const list = await read(file, archive, offset, length)
  const members: Member[] = []
  for (let at = 0; at < length; ) {
    if (at + 46 > length || list.readUInt32LE(at) !== CENTRAL)
      throw refuse(archive, 'its list is damaged')
    const nameLength = list.readUInt16LE(at + 28)
    members.push({
      name: list.toString('utf8', at + 46, at + 46 + nameLength),
      encrypted: (list.readUInt16LE(at + 8) & 1) === 1,
      method: list.readUInt16LE(at + 10),
      packed: list.readUInt32LE(at + 20),
      size: list.readUInt32LE(at + 24),
      mode: list.readUInt32LE(at + 38) >>> 16,
      offset: list.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32)
  }
  return members
}

async function extract(
  file: FileHandle,
  archive: string,
  wanted: Wanted,
  { name, method, encrypted, mode, packed, size, offset }: Member,
): Promise<void> {
  if ((mode & 0o170000) === LINK) throw refuse(archive, `${name} is a link`)
  if (encrypted || (method !== 0 && method !== 8))
    throw refuse(archive, `${name} is encrypted or packed in an unknown way`)
  checkSize(archive, wanted, size)
  const local = await read(file, archive, offset, LOCAL_SIZE)
  if (local.readUInt32LE(0) !== LOCAL) throw refuse(archive, `${name} is not where the list says`)
  const start = offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28)
  if (packed === 0) throw refuse(archive, `${name} is empty`)
  const bytes = createReadStream(archive, { start, end: start + packed - 1 })
  try {
    const inflate = createInflateRaw()
    bytes.on('error', (error) => inflate.destroy(error))
    const chunks = method === 0 ? bytes : bytes.pipe(inflate)
    await writeMember(archive, wanted, size, chunks)
  } catch (cause) {
    if (cause instanceof RecognizeError || (cause as { syscall?: string }).syscall !== undefined)
      throw cause
    throw refuse(archive, `${name} is damaged (${(cause as Error).message})`, cause)
  } finally {
    bytes.destroy()
  }
}
