/** A WebP that a decoder cannot turn, and how its EXIF data say that it has to be turned. */
export interface PlainWebp {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** 1 to 8, as EXIF numbers them; 1 is upright. */
  readonly orientation: number
}

const HEADER = 12
const ORIENTATION = 0x0112

/**
 * Takes the EXIF data out of a WebP: browsers differ in whether they turn it as these say (Chromium does not), and do not tell.
 * What cannot be followed stays as it is.
 */
export function plainWebp(bytes: Uint8Array<ArrayBuffer>): PlainWebp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = HEADER; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true)
    if (nameAt(bytes, at) === 'EXIF') {
      const orientation = orientationOf(bytes.subarray(at + 8, at + 8 + size))
      const plain = bytes.slice()
      // A chunk of a name that nobody knows is passed over.
      plain.set(new TextEncoder().encode('none'), at)
      return { bytes: plain, orientation }
    }
    at += 8 + size + (size % 2)
  }
  return { bytes, orientation: 1 }
}

const nameAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))

/** Of EXIF data: a TIFF header, behind it the tags of the picture. */
function orientationOf(exif: Uint8Array): number {
  const from = nameAt(exif, 0) === 'Exif' ? 6 : 0
  const view = new DataView(exif.buffer, exif.byteOffset + from, Math.max(0, exif.length - from))
  try {
    const isLittle = view.getUint16(0) === 0x4949
    const first = view.getUint32(4, isLittle)
    for (let i = 0; i < view.getUint16(first, isLittle); i++) {
      const tag = first + 2 + 12 * i
      if (view.getUint16(tag, isLittle) !== ORIENTATION) continue
      const value = view.getUint16(tag + 8, isLittle)
      return value >= 1 && value <= 8 ? value : 1
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return 1
}
