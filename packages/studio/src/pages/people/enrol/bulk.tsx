import { useState } from 'react'
import { useNumbers, useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { Notice, Problem } from '../../../ui/problem.js'
import { JobProgress, startJob, useJob } from '../job.js'
import { words } from '../words.js'
import { zipOf } from '../zip.js'
import { folderOf } from './items.js'

/** What a job of enrolment came to. */
interface Result {
  readonly enrolled: number
  readonly before: number
  readonly skipped: number
  readonly reasons: readonly { readonly photo: string; readonly reason: string }[]
}

/** Many photographs go to the server as one zip with a folder a person, and are enrolled by a job. */
export function Bulk({
  gallery,
  who,
  files,
  onClose,
}: {
  gallery: string
  who: string
  files: readonly File[]
  onClose(): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [id, setId] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const job = useJob(id)
  const send = async () => {
    setError(null)
    setSending(true)
    try {
      const members = files.map((file, i) => ({
        name: `${folderOf(file) ?? who.trim()}/${i + 1} ${file.name}`,
        file,
      }))
      setId((await startJob(gallery, 'enroll', { zip: await zipOf(members) })).id)
    } catch (thrown) {
      setError(thrown)
    }
    setSending(false)
  }
  const isNameless = who.trim() === '' && files.some((file) => folderOf(file) === null)
  const result = job?.state === 'done' ? (job.result as Result) : null
  return (
    <div className="card stack">
      <p>{t.bulk(count(files.length))}</p>
      {job ? (
        <JobProgress job={job} />
      ) : (
        <div className="row">
          <Button kind="main" disabled={isSending || isNameless} onClick={() => void send()}>
            {isSending ? t.uploading : t.bulkDo}
          </Button>
          {isNameless && <span>{t.noName}</span>}
        </div>
      )}
      {error !== null &&
        (error instanceof RangeError ? (
          <Notice kind="bad">{t.tooLarge}</Notice>
        ) : (
          <Problem error={error} />
        ))}
      {result && (
        <>
          <p role="status">
            {t.bulkResult(count(result.enrolled), count(result.before), count(result.skipped))}
          </p>
          {result.reasons.length > 0 && (
            <details>
              <summary>{t.skipped}</summary>
              <ul>
                {result.reasons.map(({ photo, reason }) => (
                  <li key={photo}>
                    <bdi>{reason}</bdi>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      <div>
        <Button onClick={onClose}>{t.clear}</Button>
      </div>
    </div>
  )
}
