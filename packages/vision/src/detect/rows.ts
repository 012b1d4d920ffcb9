import type { Photo } from '../image/photo.js'

/** The bytes at even places of a word, each with 16 bits of room. */
const EVEN = 0x00ff00ff
/** Rows that are added at a time. */
const GROUP = 4

/**
 * Adds up rows of a photograph: four bytes at a time, as words of 32 bits, several times as fast as one by one.
 *
 * @param most how many rows at most
 * @returns a function of the first row and of the whole weights of it and those below, which sum to 257 at most, or of
 *   how many rows count alike; it gives their sums, RGB of each column, in an array that the next call writes into
 */
export function rowAdder(
  { width, pixels }: Photo,
  most: number,
): (first: number, weights: Int32Array | number) => Uint16Array {
  const length = width * 3
  const words = Math.ceil(length / 4)
  // The photograph's own rows do not all begin with a whole word.
  const rows = new Int32Array(Math.ceil(most / GROUP) * GROUP * words)
  const bytes = new Uint8Array(rows.buffer)
  const factors = new Int32Array(rows.length / words)
  const sums = new Int32Array(2 * words)
  const samples = new Uint16Array(sums.buffer)
  return (first, weights) => {
    const count = typeof weights === 'number' ? weights : weights.length
    for (let i = 0; i < count; i++) {
      const from = (first + i) * length
      bytes.set(pixels.subarray(from, from + length), i * words * 4)
    }
    sums.fill(0)
    if (typeof weights === 'number') add(rows.fill(0, count * words), sums)
    else {
      factors.fill(0).set(weights)
      addWeighted(rows, factors, sums)
    }
    return samples
  }
}

/** @param sums of the bytes of a row, two in each, in their order in memory, where the lowest comes first */
function add(rows: Int32Array, sums: Int32Array): void {
  const words = sums.length / 2
  for (let a = 0; a < rows.length; a += GROUP * words) {
    const b = a + words
    const c = b + words
    const d = c + words
    for (let i = 0; i < words; i++) {
      const p = rows[a + i]!
      const q = rows[b + i]!
      const r = rows[c + i]!
      const s = rows[d + i]!
      const even = (p & EVEN) + (q & EVEN) + (r & EVEN) + (s & EVEN)
      const odd = ((p >>> 8) & EVEN) + ((q >>> 8) & EVEN) + ((r >>> 8) & EVEN) + ((s >>> 8) & EVEN)
      sums[2 * i]! += (even & 0xffff) | (odd << 16)
      sums[2 * i + 1]! += (even >>> 16) | (odd & 0xffff0000)
    }
  }
}

function addWeighted(rows: Int32Array, weights: Int32Array, sums: Int32Array): void {
  const words = sums.length / 2
  for (let row = 0; row < weights.length; row += GROUP) {
    const a = row * words
    const b = a + words
    const c = b + words
    const d = c + words
    const wa = weights[row]!
    const wb = weights[row + 1]!
    const wc = weights[row + 2]!
    const wd = weights[row + 3]!
    for (let i = 0; i < words; i++) {
      const p = rows[a + i]!
      const q = rows[b + i]!
      const r = rows[c + i]!
      const s = rows[d + i]!
      const even =
        Math.imul(wa, p & EVEN) +
        Math.imul(wb, q & EVEN) +
        Math.imul(wc, r & EVEN) +
        Math.imul(wd, s & EVEN)
      const odd =
        Math.imul(wa, (p >>> 8) & EVEN) +
        Math.imul(wb, (q >>> 8) & EVEN) +
        Math.imul(wc, (r >>> 8) & EVEN) +
        Math.imul(wd, (s >>> 8) & EVEN)
      sums[2 * i]! += (even & 0xffff) | (odd << 16)
      sums[2 * i + 1]! += (even >>> 16) | (odd & 0xffff0000)
    }
  }
}
