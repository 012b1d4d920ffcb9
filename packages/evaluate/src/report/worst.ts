import type { VerificationResult } from '../verification/verification.js'
import { escapeHtml, type Section } from './page.js'

/** A pair decided wrongly, or nearly so. */
export interface WorstPair {
  /** Its place in the list of pairs, from 0. */
  readonly pair: number
  readonly cosine: number
}

/**
 * The impostor pairs of highest and the genuine pairs of lowest cosine: at any threshold the first to
 * be decided wrongly.
 */
export function worstPairs(
  { similarities, same }: VerificationResult,
  count = 12,
): { falseMatches: WorstPair[]; misses: WorstPair[] } {
  const of = (label: number, sign: number) =>
    [...similarities.keys()]
      .filter((p) => (same[p] === 1 ? 1 : 0) === label)
      .sort((p, q) => sign * (similarities[q]! - similarities[p]!))
      .slice(0, count)
      .map((pair) => ({ pair, cosine: similarities[pair]! }))
  return { falseMatches: of(0, 1), misses: of(1, -1) }
}

/** An image of a pair as the report shows it. */
export interface Picture {
  readonly name: string
  /** A `data:image/...;base64,` address; the page loads nothing from elsewhere. */
  readonly source: string
}

/** A worst pair with its pictures. */
export interface PicturedPair extends WorstPair {
  readonly first: Picture
  readonly second: Picture
}

export interface PicturedPairs {
  readonly falseMatches: readonly PicturedPair[]
  readonly misses: readonly PicturedPair[]
}

export function worstSections({ falseMatches, misses }: PicturedPairs): Section[] {
  return [
    {
      title: 'Two people, the most alike',
      html: gallery(falseMatches, 'With a threshold below the cosine these are false matches.'),
    },
    {
      title: 'One person, the least alike',
      html: gallery(misses, 'With a threshold at the cosine or above it these are missed.'),
    },
  ]
}

function gallery(pairs: readonly PicturedPair[], note: string): string {
  const figures = pairs.map(({ cosine, pair, first, second }) => {
    const images = [first, second].map(({ name, source }) => {
      const text = escapeHtml(name)
      return `<img src="${escapeHtml(source)}" alt="${text}" title="${text}" width="80" height="80">`
    })
    return `<figure>${images.join('')}<figcaption>${cosine.toFixed(3)}, pair ${pair + 1}</figcaption></figure>`
  })
  return `<div class="pairs">${figures.join('\n')}</div>\n<p>${note}</p>`
}
