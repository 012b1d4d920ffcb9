import { createReadStream } from 'node:fs'
import { crc32, createInflateRaw } from 'node:zlib'
import { FilesError } from '../errors.js'
import { InputFile } from '../read/read.js'
import { checkSize, refuse, type Wanted, writeMember } from './member.js'
import { type ZipMember, zipMemberStart, zipMembers } from './zip.js'

const STORED = 0
const DEFLATED = 8
const LINK = 0o120000

/**
 * Takes named files out of a zip, whatever folder they lie in.
 * @throws FilesError FILES_ARCHIVE: damaged, a wanted member missing or there twice, a link, encrypted, of a
 *   wrong size or checksum; FilesError FILES_READ
 */
export async function extractZip(archive: string, wanted: readonly Wanted[]): Promise<void> {
  using file = new InputFile(archive)
  const broken = (why: string) => refuse(archive, why)
  const members = zipMembers(file, broken)
  for (const one of wanted) {
    const found = members.filter(({ name }) => `/${name}`.endsWith(`/${one.member}`))
    if (found.length !== 1)
      throw broken(`it holds ${one.member} ${found.length === 0 ? 'not at all' : 'twice'}`)
    await extract(archive, one, found[0]!, zipMemberStart(file, found[0]!, broken))
  }
}

async function extract(
  archive: string,
  wanted: Wanted,
  member: ZipMember,
  start: number,
): Promise<void> {
  const { name, method, encrypted, mode, packed, size } = member
  if ((mode & 0o170000) === LINK) throw refuse(archive, `${name} is a link`)
  if (encrypted || (method !== STORED && method !== DEFLATED))
    throw refuse(archive, `${name} is encrypted or packed in an unknown way`)
  checkSize(archive, wanted, size)
  if (packed === 0) throw refuse(archive, `${name} is empty`)
  if (method === STORED && packed !== size)
    throw refuse(archive, `${name} is stored in ${packed} bytes, but has ${size}`)
  const bytes = createReadStream(archive, { start, end: start + packed - 1 })
  try {
    const chunks = method === STORED ? bytes : inflate(bytes)
    await writeMember(archive, wanted, size, summed(chunks, archive, member))
  } catch (cause) {
    if (cause instanceof FilesError || (cause as { syscall?: string }).syscall !== undefined)
      throw cause
    throw refuse(archive, `${name} is damaged (${(cause as Error).message})`, cause)
  } finally {
    bytes.destroy()
  }
}

function inflate(bytes: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  const inflated = createInflateRaw()
  bytes.on('error', (error) => inflated.destroy(error))
  // Whoever stops reading before the end no longer listens, and an error that nobody hears ends the process.
  inflated.on('error', () => {})
  return bytes.pipe(inflated)
}

/** The same bytes, and at their end an error if they are not those that were packed. */
async function* summed(
  chunks: AsyncIterable<Uint8Array>,
  archive: string,
  member: ZipMember,
): AsyncGenerator<Uint8Array> {
  let sum = 0
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (sum !== member.crc32)
    throw refuse(archive, `${member.name} is damaged: its checksum does not fit`)
}
