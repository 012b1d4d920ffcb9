import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, data } from '../../../api/client.js'
import { type StreamState, useEvents } from '../../../api/events.js'
import type { Range } from '../../../ui/charts/lines.js'
import { isBeingRead, type Measured, measuredOf, withLines } from '../measured.js'

/** Points that are drawn of a run: more than a screen has columns. */
const POINTS = 2000
const CHOSEN_MS = 250

const read = async (run: string, range: Range | null): Promise<Measured> => {
  const part = range && { from: Math.max(0, Math.floor(range[0])), to: Math.ceil(range[1]) }
  const query = { run, points: POINTS, ...part }
  return measuredOf(await data(api.GET('/v1/runs/metrics', { params: { query } })))
}

/** All that a run has measured, in a bounded number of points. */
export const measuredQuery = (run: string) => ({
  queryKey: ['measured', run],
  queryFn: () => read(run, null),
  // Tens of thousands of numbers are not compared one by one with those before.
  structuralSharing: false,
})

/** What a run has measured and measures, as it comes. */
export function useMeasured(run: string) {
  const queries = useQueryClient()
  const whole = useQuery({
    ...measuredQuery(run),
    staleTime: Number.POSITIVE_INFINITY,
    // A large file is read in parts.
    refetchInterval: ({ state: { data } }) => (data && isBeingRead(data) ? 1000 : false),
  })
  const { offset, file } = whole.data?.follow ?? {}
  const anew = () => void queries.invalidateQueries({ queryKey: ['measured', run] })
  const isRead = whole.data !== undefined && !isBeingRead(whole.data)
  const about = new URLSearchParams({ run, offset: String(offset), file: file ?? '' })
  const stream: StreamState = useEvents(isRead ? `/v1/runs/events?${about}` : null, {
    lines: (told) => {
      const after = queries.setQueryData<Measured>(
        ['measured', run],
        (before) => before && withLines(before, told as unknown[]),
      )
      // Told again in fewer points, before a long run fills the memory.
      if (after && after.step.length > 2 * POINTS) anew()
      void queries.invalidateQueries({ queryKey: ['run', run], exact: true })
    },
    reset: anew,
    state: () => void queries.invalidateQueries({ queryKey: ['run', run] }),
  })
  return { whole, stream }
}

/** Of a part of a long run more than the whole has of it, a moment after it was chosen; until then what the whole has. */
export function useCloser(run: string, whole: Measured, range: Range | null): Measured {
  const [asked, setAsked] = useState(range)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(range), CHOSEN_MS)
    return () => clearTimeout(timer)
  }, [range])
  const isCoarse = whole.total > whole.step.length
  const closer = useQuery({
    queryKey: ['measured', run, asked],
    queryFn: () => read(run, asked),
    enabled: asked !== null && isCoarse,
    structuralSharing: false,
    gcTime: 10_000,
  })
  return (asked === range && range !== null && isCoarse && closer.data) || whole
}

export const runQuery = (run: string) => ({
  queryKey: ['run', run],
  queryFn: () => data(api.GET('/v1/runs/one', { params: { query: { run } } })),
})
