import type { WorstPair } from '../verification/worst.js'
import { shortName } from '../words.js'
import { type Html, html, lines } from './html.js'
import type { Section } from './page.js'

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
