import { Cursor } from '@arcface/files'
import type { Photo } from '@arcface/vision'

/** What the header of a BMP says. */
export interface BmpHeader {
  readonly width: number
  readonly height: number
  /** Rows lie from the bottom up, which is usual, or from the top down. */
  readonly bottomUp: boolean
  readonly bits: 8 | 24 | 32
  /** First byte of the pixels. */
  readonly start: number
  /** B, G, R and a byte of nothing for each value of 8 bits. */
  readonly palette: Uint8Array
}

const BI_RGB = 0
const BI_BITFIELDS = 3

/**
 * The header of a BMP of 8 (palette), 24 or 32 bits a pixel, not compressed: what programs write.
 *
 * @throws Error with the reason, for a message: another kind, damaged, cut short
 */
export function bmpHeader(bytes: Buffer): BmpHeader {
  const cursor = new Cursor(bytes, (why) => new Error(`damaged: ${why}`))
  cursor.take(10)
  const start = cursor.u32()
  const size = cursor.u32()
  if (size < 40) throw new Error('a BMP of OS/2, which is not read here')
  const width = cursor.i32()
  const signed = cursor.i32()
  const planes = cursor.u16()
  const bits = cursor.u16()
  const compression = cursor.u32()
  const plain = compression === BI_RGB && (bits === 8 || bits === 24 || bits === 32)
  if (planes !== 1 || !(plain || (compression === BI_BITFIELDS && bits === 32)))
    throw new Error(`a BMP of ${bits} bits and compression ${compression}, which is not read here`)
  const height = Math.abs(signed)
  if (width <= 0 || height === 0) throw new Error(`damaged: ${width} x ${height} pixels`)
  cursor.take(12)
  const colours = bits === 8 ? cursor.u32() || 256 : 0
  if (colours > 256) throw new Error(`damaged: ${colours} colours`)
  if (compression === BI_BITFIELDS) {
    cursor.position = 54
    if (cursor.u32() !== 0xff0000 || cursor.u32() !== 0xff00 || cursor.u32() !== 0xff)
      throw new Error('a BMP with channels in an unusual order, which is not read here')
  }
  cursor.position = 14 + size
  const palette = cursor.take(4 * colours)
  if (start < cursor.position && compression !== BI_BITFIELDS) throw new Error('damaged')
  cursor.position = start
  cursor.take(stride(width, bits) * height)
  return { width, height, bottomUp: signed > 0, bits: bits as 8 | 24 | 32, start, palette }
}

/** Rows are filled up to a multiple of four bytes. */
const stride = (width: number, bits: number) => Math.ceil((width * bits) / 32) * 4

/** The pixels; a fourth byte, which is seldom transparency, counts for nothing. @throws Error (a colour beyond the palette) */
export function bmpPixels(bytes: Buffer, header: BmpHeader): Photo {
  const { width, height, bottomUp, bits, start, palette } = header
  const pixels = new Uint8Array(width * height * 3)
  const step = bits / 8
  for (let y = 0, to = 0; y < height; y++) {
    let from = start + (bottomUp ? height - 1 - y : y) * stride(width, bits)
    for (let x = 0; x < width; x++, from += step, to += 3) {
      const [colour, at] = bits === 8 ? [palette, 4 * bytes[from]!] : [bytes, from]
      if (at + 2 >= colour.length) throw new Error('damaged: a colour beyond the palette')
      pixels[to] = colour[at + 2]!
      pixels[to + 1] = colour[at + 1]!
      pixels[to + 2] = colour[at]!
    }
  }
  return { width, height, pixels }
}
