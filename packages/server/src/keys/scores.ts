/** What tells more than the decision: with it a face can be made, step by step, that is taken for another's. */
const SCORES: ReadonlySet<string> = new Set([
  'similarity',
  'likelihoodRatio',
  'probability',
  'prior',
  'atBound',
  'embedding',
])

/** A result without its scores, at any depth; the rest is the same. */
export function hideScores(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(hideScores)
  if (!isPlain(result)) return result
  return Object.fromEntries(
    Object.entries(result)
      .filter(([name]) => !SCORES.has(name))
      .map(([name, value]) => [name, hideScores(value)]),
  )
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
