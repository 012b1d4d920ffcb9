/** Sizes and places of a zip without extensions. */
const MOST_BYTES = 0xffffffff
const MOST_FILES = 0xffff
/** 1980-01-01: when a photograph was put into it is nobody's business. */
const DATE = 0x21
/** Names in UTF-8. */
const UTF8 = 0x800

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}

export interface Member {
  /** Path in the zip, with `/`. */
  readonly name: string
  readonly file: Blob
}

/**
 * Files as one zip, stored: photographs are packed already. They are read one after the other and not held.
 * @throws RangeError more than 4 GB or 65,535 files
 */
export async function zipOf(members: readonly Member[]): Promise<Blob> {
  const total = members.reduce((sum, { file, name }) => sum + file.size + 2 * name.length * 4, 0)
  if (total > MOST_BYTES || members.length > MOST_FILES) throw new RangeError('too large for a zip')
  const parts: BlobPart[] = []
  const directory: BlobPart[] = []
  let [at, size] = [0, 0]
  for (const { name, file } of members) {
    const path = new TextEncoder().encode(name)
    const crc = crc32(new Uint8Array(await file.arrayBuffer()))
    // Version, flags, method (stored), time, date, crc, packed and plain size, lengths of the name and of what is beside.
    const common = [20, UTF8, 0, 0, DATE, crc, file.size, file.size, path.length, 0]
    const local = header('42222244422', [0x04034b50, ...common])
    parts.push(local, path, file)
    const central = header('42222224442222244', [
      ...[0x02014b50, 20],
      ...common,
      ...[0, 0, 0, 0, at],
    ])
    directory.push(central, path)
    at += local.byteLength + path.length + file.size
    size += central.byteLength + path.length
  }
  const { length } = members
  const end = header('42222442', [0x06054b50, 0, 0, length, length, size, at, 0])
  return new Blob([...parts, ...directory, end], { type: 'application/zip' })
}

/** Little-endian numbers of so many bytes each. */
function header(widths: string, values: readonly number[]): ArrayBuffer {
  const view = new DataView(
    new ArrayBuffer([...widths].reduce((sum, width) => sum + Number(width), 0)),
  )
  let at = 0
  for (const [i, width] of [...widths].entries()) {
    if (width === '4') view.setUint32(at, values[i]!, true)
    else view.setUint16(at, values[i]!, true)
    at += Number(width)
  }
  return view.buffer
}
