/** How far a JPEG goes, of which nothing is decoded. */
export interface JpegScans {
  /** The end marker is there. */
  readonly ended: boolean
  /** All scans are there, of which the last may be cut: of a progressive file each coefficient down to its last bit, of another each component. */
  readonly complete: boolean
}

/** Walks through the segments of a JPEG. What cannot be followed is not complete. */
export function jpegScans(bytes: Uint8Array): JpegScans {
  /** Of each component the bits that still lack of each of its 64 coefficients. */
  const lacking = new Map<number, Uint8Array>()
  let ended = false
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
    const marker = bytes[at] === 0xff ? bytes[at + 1] : undefined
    ended = marker === 0xd9
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if (ended || marker === undefined || length < 2 || at + 2 + length > bytes.length) break
    const segment = bytes.subarray(at + 4, at + 2 + length)
    at += 2 + length
    if (marker >= 0xc0 && marker <= 0xc2)
      for (let i = 6; i < segment.length; i += 3)
        lacking.set(segment[i]!, new Uint8Array(64).fill(255))
    if (marker !== 0xda) continue
    const count = segment[0]!
    const [from = 0, to = 0, bits = 0] = segment.subarray(1 + 2 * count)
    for (let i = 0; i < count; i++)
      lacking.get(segment[1 + 2 * i]!)?.fill(bits & 15, from, Math.min(to, 63) + 1)
    at = endOfScan(bytes, at)
  }
  const all = [...lacking.values()]
  return { ended, complete: all.length > 0 && all.every((bits) => bits.every((bit) => bit === 0)) }
}

/** In coded pixels 0xff is followed by 0, or it begins one of eight marks between them. */
function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next !== undefined && next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  return bytes.length
}

/** Several, since of a picture's last pixels two may give the same by chance. */
const FILLS = [0x55, 0xaa, 0x0f, 0xf0, 0x33, 0xcc, 0x6d]

/**
 * Decodes a JPEG that ends without its end marker, if nothing but the marker is missing: then it gives the same pixels
 * whatever is put behind it. (libjpeg fills what lacks with grey and calls it a warning, which libvips does not pass on
 * for the last rows.)
 *
 * @param decode of bytes; throws where they are damaged
 * @returns null where pixels are missing
 */
export async function decodeWithoutEnd<T extends { readonly pixels: Uint8Array }>(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Promise<T>,
): Promise<T | null> {
  // Half of the marker.
  const kept = bytes.at(-1) === 0xff ? bytes.subarray(0, -1) : bytes
  if (!jpegScans(kept).complete) return null
  const filled = (fill: number[]) =>
    decode(Buffer.concat([kept, Buffer.from([...fill, 0xff, 0xd9])]))
  const image = await filled([])
  for (const fill of FILLS) {
    const other = await filled(new Array(64).fill(fill))
    if (Buffer.compare(image.pixels, other.pixels) !== 0) return null
  }
  return image
}
