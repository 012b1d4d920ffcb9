import { type Html, html, lines } from './html.js'
import type { Section } from './page.js'
import type { ScoredPairs } from './scored.js'

/** A pair decided wrongly, or nearly so. */
export interface WorstPair {
  /** Its place in the list of pairs, from 0. */
  readonly pair: number
  readonly cosine: number
}

/**
 * The impostor pairs of highest and the genuine pairs of lowest cosine, worst first: at any threshold the first to
 * be decided wrongly.
 */
export function worstPairs(
  { similarities, same }: Pick<ScoredPairs, 'similarities' | 'same'>,
  count = 12,
): { falseMatches: WorstPair[]; misses: WorstPair[] } {
  const of = (label: number, sign: number) => {
    const worst: WorstPair[] = []
    for (let pair = 0; pair < same.length; pair++) {
      const cosine = similarities[pair]!
      const last = worst.at(-1)
      if ((same[pair] === 1 ? 1 : 0) !== label) continue
      if (last && worst.length === count && sign * (cosine - last.cosine) <= 0) continue
      const place = worst.findIndex((one) => sign * (cosine - one.cosine) > 0)
      worst.splice(place < 0 ? worst.length : place, 0, { pair, cosine })
      worst.length = Math.min(worst.length, count)
    }
    return worst
  }
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

function gallery(pairs: readonly PicturedPair[], note: string): Html {
  const figures = pairs.map(({ cosine, pair, first, second }) => {
    const both = [first, second]
    const images = both.map(
      ({ name, source }) =>
        html`<img src="${source}" alt="${name}" title="${name}" width="80" height="80">`,
    )
    const names = both.map(({ name }) => html`<div class="name">${shortName(name)}</div>`)
    const place = `pair ${pair + 1} of the list`
    return html`<figure class="pair" title="${place}">${images}${names}<figcaption>cosine ${cosine.toFixed(3)}</figcaption></figure>`
  })
  if (pairs.length === 0) return html`<p>There is none.</p>`
  return html`<div class="pairs">${lines(figures)}</div>\n<p>${note}</p>`
}

/**
 * Of a path the file, with its folder where the file does not say it: `ann_0001.jpg`, `ann/1.jpg`; in what is described
 * by a path, as `template 3 (ann/1.jpg)`, likewise.
 */
export function shortName(name: string): string {
  const [, what, path] = /^(.*? \()(.*)\)$/.exec(name) ?? []
  if (what !== undefined) return `${what}${shortName(path!)})`
  const [file = '', folder] = name.split(/[/\\]/).toReversed()
  return folder === undefined || file.startsWith(folder) ? file : `${folder}/${file}`
}
