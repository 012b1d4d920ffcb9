import { InputFile } from '@arcface/files'

/** Bytes of a secret that are looked for: of random ones so many occur once. */
const ANCHOR = 16
/** Of a file at once. */
const CHUNK = 8 << 20
/** Of the first 24 bits of an anchor so many tell most places apart; a table of them stays in a processor's cache. */
const BEGUN_BITS = 20
const BEGUN = (1 << BEGUN_BITS) - 1

/** From the middle: pictures begin alike. @returns undefined where there are too few */
export function anchorOf(secret: Uint8Array): Buffer | undefined {
  if (secret.length < ANCHOR) return undefined
  const at = (secret.length - ANCHOR) >> 1
  return Buffer.from(secret.subarray(at, at + ANCHOR))
}

/** Looks for many anchors in files, each of which is read once. */
export class Leavings {
  readonly #anchors = new Map<number, Buffer[]>()
  /** Whether an anchor begins so: what keeps most places from being looked up. */
  readonly #begun = new Uint8Array(1 << BEGUN_BITS)

  constructor(anchors: readonly Buffer[]) {
    for (const anchor of anchors) {
      const first = anchor.readUInt32LE(0)
      this.#begun[first & BEGUN] = 1
      this.#anchors.set(first, [...(this.#anchors.get(first) ?? []), anchor])
    }
  }

  /** @returns the anchors that it holds, in hexadecimal @throws FilesError */
  in(path: string): Set<string> {
    const found = new Set<string>()
    using input = new InputFile(path)
    for (let start = 0; start < input.size; start += CHUNK)
      // What begins in this chunk may end in the next.
      this.#search(input.read(start, Math.min(CHUNK + ANCHOR - 1, input.size - start)), found)
    return found
  }

  #search({ buffer, byteOffset, byteLength }: Uint8Array, found: Set<string>): void {
    const chunk = Buffer.from(buffer, byteOffset, byteLength)
    const bytes = new Uint8Array(buffer, byteOffset, byteLength)
    const begun = this.#begun
    const end = byteLength - ANCHOR
    let next = (bytes[0]! << 8) | (bytes[1]! << 16)
    for (let at = 0; at <= end; at++) {
      next = (next >>> 8) | (bytes[at + 2]! << 16)
      if (begun[next & BEGUN] === 0) continue
      for (const anchor of this.#anchors.get(chunk.readUInt32LE(at)) ?? [])
        if (anchor.equals(chunk.subarray(at, at + ANCHOR))) found.add(anchor.toString('hex'))
    }
  }
}
