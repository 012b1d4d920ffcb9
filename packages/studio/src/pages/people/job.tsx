import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ask, data, problemOf, type Schema } from '../../api/client.js'
import { useEvents } from '../../api/events.js'
import type { Limit } from '../../faces/limit.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Problem } from '../../ui/problem.js'
import { words } from './words.js'

export type Job = Schema<'Job'>
const STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const

/** Starts a job of a gallery, with a zip where it takes one. @throws ProblemError */
export async function startJob(
  gallery: string,
  kind: string,
  { zip, limit }: { zip?: Blob; limit?: Limit },
): Promise<Job> {
  const query = new URLSearchParams(
    Object.entries({ ...limit }).map(([name, value]) => [name, String(value)]),
  )
  const url = `/v1/galleries/${encodeURIComponent(gallery)}/jobs/${kind}?${query}`
  const body = zip && { body: zip, headers: { 'content-type': 'application/zip' } }
  const response = await ask(new Request(url, { method: 'POST', ...body }))
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemOf(answer, response.status)
  return answer as Job
}

/** A job as it goes on; null: none. */
export function useJob(id: string | null): Job | undefined {
  const queries = useQueryClient()
  const key = ['job', id]
  const query = useQuery({
    queryKey: key,
    queryFn: () => data(api.GET('/v1/jobs/{job}', { params: { path: { job: id! } } })),
    enabled: id !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isOver = query.data?.ended != null
  const told = (event: unknown) => {
    const { state, done, total } = event as Pick<Job, 'state' | 'done' | 'total'>
    if (state === 'waiting' || state === 'running')
      queries.setQueryData<Job>(key, (job) => job && { ...job, state, done, total })
    else void queries.invalidateQueries({ queryKey: key })
  }
  useEvents(
    id === null || isOver ? null : `/v1/jobs/${id}/events`,
    Object.fromEntries(STATES.map((state) => [state, told])),
  )
  return query.data
}

/** How far a job is, and what went wrong. */
export function JobProgress({ job }: { job: Job }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [error, setError] = useState<unknown>(null)
  const { state, done, total, problem, ended, id } = job
  const cancel = () =>
    data(api.DELETE('/v1/jobs/{job}', { params: { path: { job: id } } })).catch(setError)
  return (
    <div className="stack">
      <div className="row numbers" role="status">
        <span>
          {t.job}: {t[state]}
        </span>
        {total !== null && (
          <span>
            {count(done)} / {count(total)}
          </span>
        )}
        {ended === null && <Button onClick={cancel}>{t.cancelJob}</Button>}
      </div>
      {ended === null && (
        <progress aria-label={t.job} {...(total !== null && { max: total, value: done })} />
      )}
      {problem && <Problem error={problemOf(problem, problem.status)} />}
      {error !== null && <Problem error={error} />}
    </div>
  )
}
