/**
 * ln x of a positive normal double by additions and products alone, which IEEE 754 rounds alike everywhere: the last bit of
 * `Math.log` is an engine's own.
 */
export function exactLog(x: number): number {
  let exponent = 0
  let m = x
  for (; m < Math.SQRT1_2; m *= 2) exponent--
  for (; m > Math.SQRT2; m /= 2) exponent++
  // ln m = 2 atanh t with |t| <= 0.172, whose series is exact to a double after twelve terms.
  const t = (m - 1) / (m + 1)
  const square = t * t
  let sum = 0
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n
  return exponent * Math.LN2 + 2 * t * sum
}

/** Uniform words that `count` normal numbers surely fit in: of four words 1.57 numbers come, the rest is thrown away. */
export const wordsFor = (count: number): number => 4 * count + 256

/**
 * Independent normal numbers of mean 0 and variance 1 from uniform words (Marsaglia's polar method), the same bits in every
 * engine.
 */
export function normalsOf(words: Uint32Array, count: number): Float64Array {
  const normals = new Float64Array(count + 1)
  let at = 0
  // The middles of 2^52 equal steps of -1 .. 1, so that neither 0 nor an end is met.
  const uniform = () => {
    const step = words[at]! * 2 ** 20 + (words[at + 1]! >>> 12) + 0.5
    at += 2
    return step / 2 ** 51 - 1
  }
  for (let k = 0; k < count; ) {
    if (at + 4 > words.length) throw new RangeError('the words do not suffice')
    const [u, v] = [uniform(), uniform()]
    const square = u * u + v * v
    if (square >= 1) continue
    const factor = Math.sqrt((-2 * exactLog(square)) / square)
    normals[k++] = u * factor
    normals[k++] = v * factor
  }
  return normals.subarray(0, count)
}
