/** The share of the standard normal distribution below z (Abramowitz and Stegun 26.2.17, error below 1e-7). */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const sum =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
  return z > 0 ? 1 - tail : tail
}

/** z with that share of the standard normal distribution below it. */
export const normalQuantile = (share: number): number =>
  root(-12, 12, (z) => normalShare(z) < share)

/** Student's t (Abramowitz and Stegun 26.7.5): good to a percent from three degrees of freedom on. */
export function studentQuantile(share: number, degrees: number): number {
  const z = normalQuantile(share)
  const n = degrees
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  )
}

/**
 * Limits of a rate of which `count` of `trials` independent trials are known (Clopper and Pearson 1934): exact, and so
 * rather too wide than too narrow.
 */
export function binomialLimits(
  count: number,
  trials: number,
  level: number,
): { readonly low: number; readonly high: number } {
  const tail = (1 - level) / 2
  return {
    low: count === 0 ? 0 : root(0, 1, (p) => 1 - binomialShare(count - 1, trials, p) < tail),
    high: count >= trials ? 1 : root(0, 1, (p) => binomialShare(count, trials, p) > tail),
  }
}

/** The probability of at most `count` of so many trials. */
function binomialShare(count: number, trials: number, p: number): number {
  if (p <= 0) return 1
  if (p >= 1) return count >= trials ? 1 : 0
  let term = trials * Math.log1p(-p)
  let sum = Math.exp(term)
  for (let k = 1; k <= count; k++) {
    term += Math.log(((trials - k + 1) * p) / (k * (1 - p)))
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}

/** Where what is true of small values ends to be. */
function root(from: number, to: number, isBelow: (value: number) => boolean): number {
  let [low, high] = [from, to]
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (isBelow(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}
