import { roundEven } from './integers.js'

/** The largest float16, and what still rounds to it. */
const LARGEST = 65504
const ROUNDS_TO_LARGEST = 65520

/** Below it digits are lost. */
const LEAST_NORMAL = 2 ** -14

/** Whether float16 can hold numbers: none is too large, and not all are so small that digits are lost. */
export function fitHalf(numbers: Float32Array): boolean {
  let largest = 0
  for (const x of numbers) largest = Math.max(largest, Math.abs(x))
  return largest === 0 || (largest >= LEAST_NORMAL && largest < ROUNDS_TO_LARGEST)
}

const single = new Float32Array(1)
const word = new Uint32Array(single.buffer)

/**
 * A number as IEEE 754 half precision: rounded half to even; what is below half of the smallest becomes zero, what does
 * not fit the largest.
 */
export function halfOf(x: number): number {
  if (Number.isNaN(x)) return 0x7e00
  single[0] = Math.max(-LARGEST, Math.min(LARGEST, x))
  const bits = word[0]!
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  // Below 2^-14 steps are of 2^-24 throughout.
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(single[0]) * 2 ** 24)
  // A float32 has 13 more digits, and an exponent that begins 112 lower; a carry goes into the exponent, as it should.
  const rest = magnitude & 0x1fff
  const kept = (magnitude >>> 13) - (112 << 10)
  const up = rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1)
  return sign | (kept + Number(up))
}
