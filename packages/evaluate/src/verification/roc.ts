import { EvaluateError } from '../errors.js'

// Statistics over all pairs pooled. A pair is accepted where its similarity lies strictly above
// the threshold, so equal similarities are accepted or refused together.

/** Genuine and impostor similarities, each in descending order. */
interface Scores {
  readonly genuine: Float64Array
  readonly impostor: Float64Array
}

function split(similarities: Float64Array, same: Uint8Array): Scores {
  if (similarities.length !== same.length || !same.includes(1) || same.every((x) => x === 1)) {
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `${similarities.length} similarities with ${same.length} labels: one label each is needed, and both kinds of pair`,
    )
  }
  const genuine = similarities.filter((_, p) => same[p] === 1).sort()
  const impostor = similarities.filter((_, p) => same[p] !== 1).sort()
  return { genuine: genuine.reverse(), impostor: impostor.reverse() }
}

/** How many of the descending scores lie strictly above the threshold. */
function countAbove(descending: Float64Array, threshold: number): number {
  let [low, high] = [0, descending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (descending[middle]! > threshold) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Area under the ROC curve: the share of (genuine, impostor) couples in which the genuine pair is
 * more similar, ties counting one half (Mann-Whitney). Exact, no trapezoids over a grid.
 * @throws EvaluateError EVALUATE_PAIRS
 */
export function areaUnderRoc(similarities: Float64Array, same: Uint8Array): number {
  const { genuine, impostor } = split(similarities, same)
  let doubled = 0
  let [above, atLeast] = [0, 0] // impostors > score, and >= score, as the score descends
  for (const score of genuine) {
    while (above < impostor.length && impostor[above]! > score) above++
    while (atLeast < impostor.length && impostor[atLeast]! >= score) atLeast++
    doubled += impostor.length - above + (impostor.length - atLeast)
  }
  return doubled / (2 * genuine.length * impostor.length)
}

/** An operating point at a FAR. */
export interface OperatingPoint {
  /** The FAR asked for. */
  readonly far: number
  /** Share of genuine pairs accepted. */
  readonly tar: number
  /** Accept where the cosine lies strictly above it. */
  readonly threshold: number
}

/**
 * TAR at the largest FAR of the pooled pairs that does not exceed the target (the strict reading:
 * no interpolation). With I impostor pairs at most floor(far x I) are accepted; below 1 / I that
 * is none of them.
 * @throws EvaluateError EVALUATE_OPTION where far is not between 0 and 1, EVALUATE_PAIRS
 */
export function tarAtFar(
  similarities: Float64Array,
  same: Uint8Array,
  far: number,
): OperatingPoint {
  if (!(far > 0 && far < 1)) {
    throw new EvaluateError('EVALUATE_OPTION', `a FAR lies between 0 and 1, not at ${far}`)
  }
  const { genuine, impostor } = split(similarities, same)
  // Dividing is exact enough to compare, multiplying is not: 0.07 * 100 = 7.000000000000001.
  let allowed = Math.min(Math.ceil(far * impostor.length), impostor.length - 1)
  while (allowed / impostor.length > far) allowed--
  const threshold = impostor[allowed]!
  return { far, tar: countAbove(genuine, threshold) / genuine.length, threshold }
}

/** A point of the ROC curve. */
export interface RocPoint {
  readonly far: number
  readonly tar: number
}

/**
 * The corners of the ROC curve, FAR ascending: for each number of accepted impostors that some
 * threshold gives, the best TAR. The first has FAR 0, the last is (1, 1).
 * @throws EvaluateError EVALUATE_PAIRS
 */
export function rocCurve(similarities: Float64Array, same: Uint8Array): RocPoint[] {
  const { genuine, impostor } = split(similarities, same)
  const points: RocPoint[] = []
  impostor.forEach((threshold, accepted) => {
    if (accepted > 0 && impostor[accepted - 1] === threshold) return // a tie: not reachable
    const tar = countAbove(genuine, threshold) / genuine.length
    points.push({ far: accepted / impostor.length, tar })
  })
  points.push({ far: 1, tar: 1 })
  return points
}
