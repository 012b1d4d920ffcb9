import { type ScoredSet, shortName } from '@arcface/evaluate'
import type { ReactNode } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Picture, pictureOf } from '../../ui/picture.js'
import type { ShownPair } from './pairs.js'
import { words } from './words.js'

/** Both pictures of a pair beside each other, and its cosine. */
export function Pair({
  set,
  pair,
  children,
}: {
  set: ScoredSet
  pair: ShownPair
  children?: ReactNode
}) {
  const t = useWords(words)
  const numbers = useNumbers()
  const rows = [pair.first, pair.second]
  return (
    <figure className="card evaluate-pair">
      <div className="row">
        {rows.map((row, i) => (
          <Picture
            // biome-ignore lint/suspicious/noArrayIndexKey: a picture may stand beside itself
            key={i}
            src={set.pictures[row] ?? pictureOf(set.images[row]!)}
            alt={shortName(set.images[row]!)}
          />
        ))}
      </div>
      <figcaption>
        {rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <bdi key={i} title={set.images[row]!}>
            {shortName(set.images[row]!)}
          </bdi>
        ))}
        <span className="numbers">
          {t.cosine} {numbers.fixed(pair.cosine, 4)}
          {set.of === 'list' && `, ${t.pairNumber(numbers.count(pair.pair))}`}
        </span>
        {children}
      </figcaption>
    </figure>
  )
}
