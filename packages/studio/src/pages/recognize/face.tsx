import { Link } from 'wouter'
import type { Schema } from '../../api/client.js'
import { faceAddress, personPlace } from '../../faces/address.js'
import { QualityFacts, QualityTag } from '../../faces/quality.js'
import { Basis } from '../../faces/verdict.js'
import { words as faceWords } from '../../faces/words.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Tag } from '../../ui/page.js'
import { Picture } from '../../ui/picture.js'
import { type FaceVerdict, kindOf, lifeOf } from './identify.js'
import { words } from './words.js'

/** A face of a photograph: who it is, by which threshold, and who else is alike. */
export function FaceCard({
  gallery,
  number,
  face,
}: {
  gallery: string
  number: number
  face: FaceVerdict
}) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { count, rate } = useNumbers()
  const { matches, below, rejected, known, probability, prior } = face
  const [best] = matches
  const isPoor = rejected.length > 0
  const verdict = isPoor
    ? t.poor
    : known === null
      ? t.undecided
      : best
        ? t.known(best.name)
        : t.unknown
  return (
    <li className="card stack" aria-label={f.face(count(number))}>
      <div className="row">
        <h3 className="grow">
          <span className="muted">{count(number)}</span> <bdi>{verdict}</bdi>
        </h3>
        <Tag kind={kindOf(face)}>{f.face(count(number))}</Tag>
      </div>
      {isPoor && <QualityTag rejected={rejected} />}
      {face.liveness && <Life found={face.liveness} />}
      <Basis decision={face} />
      {probability !== undefined && prior !== undefined && (
        <p className="numbers">{t.probability(rate(probability), rate(prior))}</p>
      )}
      {matches.length + below.length > 0 && (
        <ol className="plain candidates" aria-label={t.candidates}>
          {[...matches, ...below].map((match, i) => (
            <Candidate
              key={match.name}
              {...{ gallery, match }}
              threshold={face.threshold}
              isAbove={i < matches.length}
            />
          ))}
        </ol>
      )}
      <details>
        <summary>{t.quality}</summary>
        <QualityFacts face={face} />
      </details>
    </li>
  )
}

/** Whether the face looks alive, by which score and threshold, and what that stands for. */
function Life({ found }: { found: Schema<'Liveness'> }) {
  const t = useWords(words)
  const { fixed, rate } = useNumbers()
  const { live, score, threshold, measured, unsure } = found
  const rates = measured.flatMap(({ on, bpcer, apcer }) => [
    ...(bpcer === undefined ? [] : [t.refused(rate(bpcer), on)]),
    ...(apcer === undefined ? [] : [t.passed(rate(apcer), on)]),
  ])
  const isTried = measured.some(({ apcer }) => apcer !== undefined)
  return (
    <>
      <p className="row">
        <Tag kind={lifeOf(found)}>{live === null ? t.unsaid : live ? t.alive : t.pictured}</Tag>
        <span className="numbers">
          {t.life} {score === undefined ? t.hidden : fixed(score, 3)} ·{' '}
          {t.least(fixed(threshold, 3))}
        </span>
      </p>
      <p className="muted numbers">
        {[
          ...unsure.map((one) => t[one]),
          ...(rates.length > 0 ? rates : [t.unknownRates]),
          ...(isTried || rates.length === 0 ? [] : [t.unmeasured]),
        ].join(' · ')}
      </p>
    </>
  )
}

function Candidate({
  gallery,
  match: { name, similarity, face, source },
  threshold,
  isAbove,
}: {
  gallery: string
  match: Schema<'Match'>
  threshold: number | null
  isAbove: boolean
}) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { fixed } = useNumbers()
  return (
    <li className="candidate">
      <Picture src={faceAddress(gallery, face)} alt={f.faceOf(name)} side="4rem" />
      <div className="grow">
        <Link href={personPlace(gallery, name)}>
          <bdi>{name}</bdi>
        </Link>
        <div className="numbers">
          {t.similarity} {similarity === undefined ? t.hidden : fixed(similarity, 3)}
          {threshold !== null && ` · ${f.threshold(fixed(threshold, 3))}`}
        </div>
        {source && (
          <div className="muted">
            {t.source} <bdi>{source}</bdi>
          </div>
        )}
      </div>
      <Tag kind={isAbove ? 'good' : undefined}>{isAbove ? t.above : t.under}</Tag>
    </li>
  )
}
