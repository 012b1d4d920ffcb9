import { type FormEvent, useState } from 'react'
import { api, data } from '../../api/client.js'
import { PersonField } from '../../faces/galleries.js'
import { useLimit } from '../../faces/limit.js'
import { Basis, type Decision } from '../../faces/verdict.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useMay } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { DropFiles } from '../../ui/drop.js'
import { CheckField } from '../../ui/field.js'
import { Tag } from '../../ui/page.js'
import { Picture } from '../../ui/picture.js'
import { Notice, Problem } from '../../ui/problem.js'
import { useRenew } from './change.js'
import { JobProgress, startJob, useJob } from './job.js'
import { words } from './words.js'
import { zipOf } from './zip.js'

interface Stranger {
  readonly face: number
  readonly photo: string
}
interface Result extends Decision {
  readonly known: number
  readonly strangers: readonly (readonly Stranger[])[]
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

/** Clusters and faces of one that are drawn at once. */
const STEP = 30
const FACES = 24

/** The unknown people of photographs, each to be given a name. */
export function Strangers({ gallery }: { gallery: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [id, setId] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [shown, setShown] = useState(STEP)
  const job = useJob(id)
  const { limit, field } = useLimit()
  const send = async (files: readonly File[]) => {
    if (limit === null) return
    setError(null)
    setSending(true)
    try {
      const [first] = files
      const isZip = files.length === 1 && /\.zip$/i.test(first!.name)
      const members = files.map((file, i) => ({
        name: file.webkitRelativePath || `${i + 1} ${file.name}`,
        file,
      }))
      const zip = isZip ? first! : await zipOf(members)
      setId((await startJob(gallery, 'clusters', { zip, limit })).id)
    } catch (thrown) {
      setError(thrown)
    }
    setSending(false)
  }
  const result = job?.state === 'done' ? (job.result as Result) : null
  return (
    <div className="stack">
      <p>{t.strangersTold}</p>
      {field}
      {limit !== null && (
        <>
          <DropFiles accept=".zip,image/*" told={t.dropZip} onFiles={(files) => void send(files)} />
          <DropFiles
            folder
            accept="image/*"
            told={t.folder}
            onFiles={(files) => void send(files)}
          />
        </>
      )}
      {isSending && <p role="status">{t.uploading}</p>}
      {error !== null &&
        (error instanceof RangeError ? (
          <Notice kind="bad">{t.tooLarge}</Notice>
        ) : (
          <Problem error={error} />
        ))}
      {job && <JobProgress job={job} />}
      {result && (
        <>
          <p role="status">
            {t.strangerResult(count(result.strangers.length), count(result.known))}
          </p>
          <Basis decision={result} />
          {result.skipped.length > 0 && (
            <details>
              <summary>
                {t.skipped}: {count(result.skipped.length)}
              </summary>
              <ul>
                {result.skipped.slice(0, 200).map(({ photo, reason }, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a photograph may have several poor faces
                  <li key={i}>
                    <bdi>
                      {photo}: {reason}
                    </bdi>
                  </li>
                ))}
              </ul>
            </details>
          )}
          <ul className="stack plain">
            {result.strangers.slice(0, shown).map((faces, i) => (
              <li key={faces[0]!.face} className="card">
                <Cluster {...{ gallery, faces }} job={job!.id} number={i + 1} />
              </li>
            ))}
          </ul>
          {result.strangers.length > shown && (
            <div>
              <Button onClick={() => setShown(shown + STEP)}>
                {count(result.strangers.length - shown)} …
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  )
}

function Cluster({
  gallery,
  job,
  number,
  faces,
}: {
  gallery: string
  job: string
  number: number
  faces: readonly Stranger[]
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const mayEnroll = useMay()('enroll')
  const renew = useRenew(gallery)
  const [name, setName] = useState('')
  const [out, setOut] = useState<ReadonlySet<number>>(new Set())
  const [named, setNamed] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const title = t.cluster(count(number), count(faces.length))
  const enrol = async (event: FormEvent) => {
    event.preventDefault()
    setError(null)
    try {
      const chosen = faces.map(({ face }) => face).filter((face) => !out.has(face))
      const params = { path: { job } }
      const body = { person: name, faces: chosen }
      setNamed((await data(api.POST('/v1/jobs/{job}/enroll', { params, body }))).person)
      await renew()
    } catch (thrown) {
      setError(thrown)
    }
  }
  const toggle = (face: number, is: boolean) => {
    const next = new Set(out)
    if (is) next.delete(face)
    else next.add(face)
    setOut(next)
  }
  return (
    <form className="stack" onSubmit={enrol} aria-label={title}>
      <h3>{title}</h3>
      <ul className="face-grid plain">
        {faces.slice(0, FACES).map(({ face, photo }) => (
          <li key={face} className="face-tile">
            <Picture src={`/v1/jobs/${job}/strangers/${face}/thumbnail`} alt={photo} />
            <bdi>{photo}</bdi>
            {mayEnroll && named === null && (
              <CheckField
                label={t.take}
                value={!out.has(face)}
                onChange={(is) => toggle(face, is)}
              />
            )}
          </li>
        ))}
      </ul>
      {named !== null ? (
        <div>
          <Tag kind="good">
            <bdi>{t.named(named)}</bdi>
          </Tag>
        </div>
      ) : (
        mayEnroll && (
          <div className="row">
            <PersonField gallery={gallery} label={t.name} value={name} onChange={setName} />
            <Button type="submit" disabled={name.trim() === '' || out.size === faces.length}>
              {t.enroll}
            </Button>
          </div>
        )
      )}
      {error !== null && <Problem error={error} />}
    </form>
  )
}
