export interface JpegFrame {
  readonly width: number
  readonly height: number
  /** 1 grey, 3 of light, 4 inks. */
  readonly components: number
}

/** What the header of a JPEG says; undefined where it cannot be followed. */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    // Several may stand before a marker.
    if (marker === 0xff) {
      at++
      continue
    }
    // A frame of any coding: neither tables (C4, CC) nor what is reserved (C8).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return {
        height: word(bytes, at + 5),
        width: word(bytes, at + 7),
        components: bytes[at + 9] ?? 0,
      }
    at += 2 + word(bytes, at + 2)
  }
  return undefined
}

const word = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0)
