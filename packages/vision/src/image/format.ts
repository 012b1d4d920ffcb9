/** The formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif' | 'bmp'

export interface NoImage {
  /** What stands there, for a message. */
  readonly not: string
  /** What to do about it. */
  readonly instead?: string
}

/** Bytes at the start of a file that `imageFormat` looks at. */
export const SIGNATURE = 64

/**
 * The format of an encoded image, by its first bytes; a name or an ending decides nothing. Whatever else a decoder could
 * load is not let near it: an SVG may show files of this machine, and costs what its author likes.
 *
 * @returns the format, or what stands there instead
 */
export function imageFormat(bytes: Uint8Array): ImageFormat | NoImage {
  const start = bytes.subarray(0, SIGNATURE)
  const text = String.fromCharCode(...start)
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff'
  // A comment of XML may hold these letters, too: as the length of a box it would be thousands of bytes.
  if (text.startsWith('\0\0') && text.startsWith('ftyp', 4)) return isobmff(start, text)
  if (text.startsWith('BM')) return 'bmp'
  if (bytes.length === 0) return { not: 'the file is empty' }
  if (/^\s*(\xef\xbb\xbf)?\s*</.test(text))
    return { not: 'it is text, perhaps SVG or HTML, and no photograph' }
  return { not: 'it is no JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP' }
}

/** AVIF and HEIC lie in the same boxes; the brands tell them apart. */
function isobmff(start: Uint8Array, text: string): ImageFormat | NoImage {
  const end = Math.min((start[2]! << 8) | start[3]!, start.length)
  const brands: string[] = []
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.push(text.slice(at, at + 4))
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif'
  if (brands.some((brand) => /^(hei|hev|mif1|msf1)/.test(brand)))
    return {
      not: 'it is HEIC, which is not read here, whatever its name says',
      instead:
        'Make a JPEG of it: sips -s format jpeg IN --out OUT.jpg (macOS), heif-convert IN OUT.jpg (libheif-examples) or magick IN OUT.jpg.',
    }
  return { not: 'it is a video or audio file' }
}
