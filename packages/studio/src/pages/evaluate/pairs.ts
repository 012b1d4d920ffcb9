import { type ScoredSet, worstPairs } from '@arcface/evaluate'
import type { Opened } from './opened.js'

/** A pair of images. */
export interface ShownPair {
  /** Its place, for a list's from 1. */
  readonly pair: number
  /** Places of both images. */
  readonly first: number
  readonly second: number
  readonly cosine: number
}

export type ErrorKind = 'accepts' | 'rejects'

/** Of each kind so many are looked for; more nobody looks at. */
const MOST = 500

/** The pairs that any threshold decides wrongly first, worst first. */
export function worstOf({
  set,
  samples,
}: Opened): Readonly<Record<ErrorKind, readonly ShownPair[]>> {
  const { pairs, tail } = set
  const { falseMatches, misses } = worstPairs(samples.all, MOST)
  const shown = (of: Omit<ScoredSet['pairs'], 'same'>, p: number): ShownPair => ({
    ...{ pair: p + 1, first: of.first[p]!, second: of.second[p]! },
    cosine: of.cosine[p]!,
  })
  return {
    accepts: tail
      ? tail.cosine.slice(0, MOST).map((_, p) => shown(tail, p))
      : falseMatches.map(({ pair }) => shown(pairs, pair)),
    rejects: misses.map(({ pair }) => shown(pairs, pair)),
  }
}

/** Whether a pair is decided wrongly. */
export const isWrong = (kind: ErrorKind, { cosine }: ShownPair, threshold: number): boolean =>
  kind === 'accepts' ? cosine > threshold : !(cosine > threshold)

/** Where two sets have the same pairs: those that only one of the two decides rightly. */
export interface Differences {
  /** Right by the first and wrong by the second, by how far the cosines of the second lie from its threshold. */
  readonly first: readonly DifferentPair[]
  readonly second: readonly DifferentPair[]
}

export interface DifferentPair extends ShownPair {
  readonly kind: ErrorKind
  /** By the second model. */
  readonly other: number
}

/** Whether both score the same pairs of the same images. */
export const samePairs = (a: ScoredSet, b: ScoredSet): boolean =>
  equal(a.images, b.images) &&
  equal(a.pairs.first, b.pairs.first) &&
  equal(a.pairs.second, b.pairs.second) &&
  equal(a.pairs.same, b.pairs.same)

const equal = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i])

/** The pairs on which two models differ, each at its threshold, the clearest first. */
export function differences(
  a: ScoredSet,
  b: ScoredSet,
  thresholds: readonly [number, number],
): Differences {
  const found: Record<'first' | 'second', DifferentPair[]> = { first: [], second: [] }
  const { first, second, same, cosine } = a.pairs
  for (const [p, one] of cosine.entries()) {
    const other = b.pairs.cosine[p]!
    const accepted = [one > thresholds[0], other > thresholds[1]]
    if (accepted[0] === accepted[1]) continue
    const isGenuine = same[p] === 1
    const better = accepted[0] === isGenuine ? 'first' : 'second'
    found[better].push({
      ...{ pair: p + 1, first: first[p]!, second: second[p]!, cosine: one, other },
      kind: isGenuine ? 'rejects' : 'accepts',
    })
  }
  const gap = ({ cosine, other }: DifferentPair) =>
    Math.abs(cosine - thresholds[0] - (other - thresholds[1]))
  for (const all of Object.values(found)) all.sort((x, y) => gap(y) - gap(x))
  return found
}
