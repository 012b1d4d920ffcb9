import { PhotoWithFaces } from '../../../faces/photo.js'
import { QualityFacts, QualityTag } from '../../../faces/quality.js'
import { Basis } from '../../../faces/verdict.js'
import { words as faceWords } from '../../../faces/words.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { CheckField } from '../../../ui/field.js'
import { Tag } from '../../../ui/page.js'
import { Notice, Problem } from '../../../ui/problem.js'
import { words } from '../words.js'
import { type Item, isTaken, otherOf, personOf } from './items.js'

/** A photograph, the face that would be enrolled, and what speaks against it. */
export function PhotoItem({
  item,
  who,
  onWant,
}: {
  item: Item
  who: string
  onWant(is: boolean): void
}) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { fixed } = useNumbers()
  const { file, url, review, error, saved } = item
  const other = otherOf(item, who)
  const isPoor = review !== undefined && review.face.rejected.length > 0
  const person = personOf(item, who)
  const boxed = review
    ? [{ box: review.face.box, kind: isPoor ? ('bad' as const) : ('good' as const) }]
    : []
  return (
    <li className="card enrol-item">
      <PhotoWithFaces src={url} alt={f.photo(file.name)} faces={boxed} numbered={false} />
      <div className="stack">
        <div>
          <bdi>{file.name}</bdi>
          {person !== '' && (
            <p>
              <strong>
                <bdi>{person}</bdi>
              </strong>
            </p>
          )}
        </div>
        {saved ? (
          <Tag kind="good">{saved.added ? t.enrolled : t.wasThere}</Tag>
        ) : error !== undefined ? (
          <Problem error={error} />
        ) : review === undefined ? (
          <p className="muted" role="status">
            {t.looking}
          </p>
        ) : (
          <>
            <div>
              <QualityTag rejected={review.face.rejected} toEnrol />
            </div>
            {review.there.length > 0 && (
              <Notice kind="warn">
                <bdi>{t.there(review.there.join(', '))}</bdi>
              </Notice>
            )}
            {other && (
              <Notice kind="warn">
                <bdi>{t.alike(other.name, fixed(other.similarity ?? 0, 2))}</bdi>
                {review.alike && <Basis decision={review.alike} />}
              </Notice>
            )}
            <details>
              <summary>{t.quality}</summary>
              <QualityFacts face={review.face} />
              {review.alike && <Basis decision={review.alike} />}
            </details>
            {!isPoor && <CheckField label={t.take} value={isTaken(item, who)} onChange={onWant} />}
          </>
        )}
      </div>
    </li>
  )
}
