import { DataError } from '../errors.js'

// The container is dmlc-core's (src/recordio.cc), the header of an image MXNet's (python/mxnet/recordio.py).

const MAGIC = 0xced7230a
const LENGTH_BITS = 29
const LONGEST = 2 ** LENGTH_BITS - 1
/** Bytes of magic and length, in front of every part. */
export const FRAME = 8
/** Bytes of flag, label, id and id2: struct format IfQQ. */
const HEADER = 24

/** What a part of a record says of itself: whole 0, first 1, middle 2, last 3. */
type Flag = 0 | 1 | 2 | 3

/** A record with MXNet's header of images. */
export interface ImageRecord {
  /** 0: one label in the header; else the number of labels. */
  flag: number
  labels: Float32Array
  id: bigint
  id2: bigint
  /** The encoded image; empty in InsightFace's records of identities. */
  image: Buffer
}

export const broken = (name: string, why: string) =>
  new DataError('DATA_RECORDS', `${name} is no whole RecordIO data: ${why}. Copy the file again.`)

const padded = (length: number) => Math.ceil(length / 4) * 4

/**
 * The part at `position`: bytes of its payload, bytes with frame and padding, and whether it ends the record. `bytes`
 * must hold the frame.
 *
 * @throws DataError DATA_RECORDS
 */
export function measurePart(
  bytes: Buffer,
  position: number,
  first: boolean,
  name: string,
): { length: number; size: number; last: boolean } {
  const magic = bytes.readUInt32LE(position)
  if (magic !== MAGIC)
    throw broken(name, `the magic number at byte ${position} is 0x${magic.toString(16)}`)
  const word = bytes.readUInt32LE(position + 4)
  const [flag, length] = [word >>> LENGTH_BITS, word & LONGEST]
  const expected: readonly number[] = first ? [0, 1] : [2, 3]
  if (!expected.includes(flag))
    throw broken(name, `a part of kind ${flag} at byte ${position} is out of order`)
  return { length, size: FRAME + padded(length), last: flag === 0 || flag === 3 }
}

/**
 * The payload of one record. Where the payload held the magic number, the writer cut the record there; the parts are
 * joined with the number between them. A record of one part is a view, not a copy.
 *
 * @param bytes the record from its first byte; may go on behind it
 * @throws DataError DATA_RECORDS
 */
export function decodeRecord(bytes: Buffer, name: string): Buffer {
  const parts: Buffer[] = []
  for (let position = 0; ; ) {
    if (bytes.length - position < FRAME) throw broken(name, 'it ends within a record')
    const { length, size, last } = measurePart(bytes, position, parts.length === 0, name)
    const start = position + FRAME
    if (start + length > bytes.length)
      throw broken(name, `${length} bytes are announced, ${bytes.length - start} are there`)
    const part = bytes.subarray(start, start + length)
    if (last && parts.length === 0) return part
    parts.push(part)
    if (last) return Buffer.concat(parts)
    const magic = Buffer.alloc(4)
    magic.writeUInt32LE(MAGIC)
    parts.push(magic)
    position += size
  }
}

/** A record as dmlc-core writes it, with padding. @throws DataError DATA_OPTION (512 MiB and more) */
export function encodeRecord(payload: Buffer): Buffer {
  if (payload.length > LONGEST)
    throw new DataError(
      'DATA_OPTION',
      `A record holds less than 512 MiB, but ${payload.length} bytes were given.`,
    )
  const out: Buffer[] = []
  const put = (flag: Flag, part: Buffer) => {
    const frame = Buffer.alloc(FRAME)
    frame.writeUInt32LE(MAGIC)
    frame.writeUInt32LE(((flag << LENGTH_BITS) | part.length) >>> 0, 4)
    out.push(frame, part)
  }
  let start = 0
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(MAGIC)
  for (let at = payload.indexOf(magic); at >= 0; at = payload.indexOf(magic, at + 1)) {
    if (at % 4 !== 0) continue
    put(start === 0 ? 1 : 2, payload.subarray(start, at))
    start = at + 4
  }
  put(start === 0 ? 0 : 3, payload.subarray(start))
  out.push(Buffer.alloc(padded(payload.length) - payload.length))
  return Buffer.concat(out)
}

/** Takes MXNet's header of images from a payload; views, except the labels. @throws DataError DATA_RECORDS */
export function unpackImage(payload: Buffer, name: string): ImageRecord {
  if (payload.length < HEADER)
    throw broken(name, `${payload.length} bytes are no image record, whose header has ${HEADER}`)
  const flag = payload.readUInt32LE(0)
  const count = Math.max(flag, 1)
  const end = flag > 0 ? HEADER + 4 * flag : HEADER
  if (end > payload.length)
    throw broken(name, `${flag} labels are announced in ${payload.length} bytes`)
  const labels = new Float32Array(count)
  for (let i = 0; i < count; i++) labels[i] = payload.readFloatLE(flag > 0 ? HEADER + 4 * i : 4)
  return {
    flag,
    labels,
    id: payload.readBigUInt64LE(8),
    id2: payload.readBigUInt64LE(16),
    image: payload.subarray(end),
  }
}

/** MXNet's header and an image: one label stands in the header, several between header and image. */
export function packImage(
  labels: number | readonly number[],
  id: number,
  image: Uint8Array,
): Buffer {
  const several = typeof labels === 'number' ? [] : labels
  const header = Buffer.alloc(HEADER + 4 * several.length)
  header.writeUInt32LE(several.length, 0)
  if (typeof labels === 'number') header.writeFloatLE(labels, 4)
  header.writeBigUInt64LE(BigInt(id), 8)
  several.forEach((label, i) => {
    header.writeFloatLE(label, HEADER + 4 * i)
  })
  return Buffer.concat([header, image])
}
