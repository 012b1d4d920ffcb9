import { useState } from 'react'
import { Link } from 'wouter'
import { api, data } from '../../api/client.js'
import { faceAddress, personPlace } from '../../faces/address.js'
import { useLimit } from '../../faces/limit.js'
import { Basis, type Decision } from '../../faces/verdict.js'
import { words as faceWords } from '../../faces/words.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useMay } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { ConfirmDialog } from '../../ui/dialog.js'
import { Tag } from '../../ui/page.js'
import { Picture } from '../../ui/picture.js'
import { Empty, Problem } from '../../ui/problem.js'
import { useRenew } from './change.js'
import { JobProgress, startJob, useJob } from './job.js'
import { words } from './words.js'

interface Face {
  readonly id: string
  readonly person: string
  readonly source: string | null
}
interface Pair {
  readonly kind: 'copy' | 'people'
  readonly similarity?: number
  readonly a: Face
  readonly b: Face
}
interface Result extends Decision {
  /** Of all. */
  readonly pairs: number
  readonly duplicates: readonly Pair[]
}
/** What a person has chosen to do about a pair. */
type Act = { readonly face: string } | { readonly merge: string; readonly into: string }

/** Faces that are there twice, or under two people; most similar first. */
export function Duplicates({ gallery }: { gallery: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [id, setId] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const job = useJob(id)
  const { limit, field } = useLimit()
  const start = () =>
    startJob(gallery, 'duplicates', { limit: limit! }).then(({ id }) => setId(id), setError)
  const result = job?.state === 'done' ? (job.result as Result) : null
  return (
    <div className="stack">
      <p>{t.duplicatesTold}</p>
      {field}
      <div>
        <Button
          kind="main"
          onClick={() => void start()}
          disabled={limit === null || job?.ended === null}
        >
          {t.duplicatesFind}
        </Button>
      </div>
      {error !== null && <Problem error={error} />}
      {job && <JobProgress job={job} />}
      {result && (
        <>
          <Basis decision={result} />
          {result.pairs === 0 ? (
            <Empty>{t.noPairs}</Empty>
          ) : (
            <>
              <p role="status" className="numbers">
                {t.pairs(count(result.pairs))}
                {result.pairs > result.duplicates.length &&
                  ` · ${t.pairsShown(count(result.duplicates.length))}`}
              </p>
              <Pairs gallery={gallery} pairs={result.duplicates} />
            </>
          )}
        </>
      )}
    </div>
  )
}

/** Pairs that are drawn at once. */
const STEP = 50

function Pairs({ gallery, pairs }: { gallery: string; pairs: readonly Pair[] }) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { count } = useNumbers()
  const tell = useRenew(gallery)
  const [shown, setShown] = useState(STEP)
  const [settled, setSettled] = useState<ReadonlySet<Pair>>(new Set())
  const [act, setAct] = useState<Act | null>(null)
  const settle = (isSettled: (pair: Pair) => boolean) =>
    setSettled((before) => new Set([...before, ...pairs.filter(isSettled)]))
  const perform = async () => {
    const path = { gallery }
    if (act === null) return
    if ('face' in act) {
      const params = { path: { ...path, face: act.face } }
      await data(api.DELETE('/v1/galleries/{gallery}/faces/{face}', { params }))
      settle(({ a, b }) => a.id === act.face || b.id === act.face)
    } else {
      const params = { path: { ...path, person: act.merge } }
      const url = '/v1/galleries/{gallery}/people/{person}/merge'
      await data(api.POST(url, { params, body: { into: act.into } }))
      // Pairs with who is no more tell what was.
      settle(({ a, b }) => a.person === act.merge || b.person === act.merge)
    }
    await tell()
  }
  const left = pairs.filter((pair) => !settled.has(pair))
  return (
    <>
      <ul className="stack plain">
        {left.slice(0, shown).map((pair) => (
          <li key={`${pair.a.id} ${pair.b.id}`} className="card stack">
            <One
              {...{ gallery, pair }}
              onAct={setAct}
              onHide={() => settle((one) => one === pair)}
            />
          </li>
        ))}
      </ul>
      {left.length > shown && (
        <div>
          <Button onClick={() => setShown(shown + STEP)}>
            {t.pairs(count(left.length - shown))}
          </Button>
        </div>
      )}
      {act && (
        <ConfirmDialog
          open
          onClose={() => setAct(null)}
          title={
            <bdi>{'face' in act ? t.deleteFace : `${act.merge}: ${t.mergeInto(act.into)}`}</bdi>
          }
          action={'face' in act ? t.delete : t.mergeDo}
          onConfirm={perform}
        >
          {'face' in act ? (
            <div className="stack">
              <Picture src={faceAddress(gallery, act.face)} alt={f.face('')} />
              <p>{t.removesFaces('1')}</p>
            </div>
          ) : (
            <p>
              <bdi>{t.mergePair(act.merge, act.into)}</bdi>
            </p>
          )}
        </ConfirmDialog>
      )}
    </>
  )
}

function One({
  gallery,
  pair: { kind, similarity, a, b },
  onAct,
  onHide,
}: {
  gallery: string
  pair: Pair
  onAct(act: Act): void
  onHide(): void
}) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const may = useMay()
  const { fixed } = useNumbers()
  return (
    <>
      <div className="row">
        <Tag kind={kind === 'copy' ? undefined : 'warn'}>
          {kind === 'copy' ? t.copy : t.twoPeople}
        </Tag>
        {similarity !== undefined && (
          <span className="numbers">{t.similarity(fixed(similarity, 3))}</span>
        )}
        {kind === 'people' && <Button onClick={onHide}>{t.hide}</Button>}
      </div>
      <div className="pair">
        {[a, b].map((face, i) => (
          <div key={face.id}>
            <Picture src={faceAddress(gallery, face.id)} alt={f.faceOf(face.person)} />
            <Link href={personPlace(gallery, face.person)}>
              <bdi>{face.person}</bdi>
            </Link>
            <bdi className="muted">{face.source}</bdi>
            {may('delete') && (
              <div className="row">
                {kind === 'people' && (
                  <Button onClick={() => onAct({ merge: [b, a][i]!.person, into: face.person })}>
                    <bdi>{t.mergeInto(face.person)}</bdi>
                  </Button>
                )}
                <Button kind="danger" onClick={() => onAct({ face: face.id })}>
                  {t.deleteFace}
                </Button>
              </div>
            )}
          </div>
        ))}
      </div>
    </>
  )
}
