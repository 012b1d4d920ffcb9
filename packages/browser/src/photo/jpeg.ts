/** Colours of a JPEG: 1 grey, 3 of light, 4 inks; undefined where its header cannot be followed. */
export function jpegComponents(bytes: Uint8Array): number | undefined {
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    // Several may stand before a marker.
    if (marker === 0xff) {
      at++
      continue
    }
    // A frame of any coding: neither tables (C4, CC) nor what is reserved (C8).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return bytes[at + 9]
    at += 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)
  }
  return undefined
}
