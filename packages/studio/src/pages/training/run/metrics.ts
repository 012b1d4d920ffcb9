import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../../../api/client.js'
import { type StreamState, useEvents } from '../../../api/events.js'
import type { Range } from '../../../ui/charts/lines.js'
import { isBeingRead, type Measured, measuredOf, withLines } from '../measured.js'

/** Points that are drawn of a run: more than a screen has columns. */
const POINTS = 3000

const read = async (run: string, range: Range | null): Promise<Measured> => {
  const part = range && { from: Math.max(0, Math.floor(range[0])), to: Math.ceil(range[1]) }
  const query = { run, points: POINTS, ...part }
  return measuredOf(await data(api.GET('/v1/runs/metrics', { params: { query } })))
}

/** All that a run has measured, in a bounded number of points. */
export const measuredQuery = (run: string) => ({
  queryKey: ['measured', run],
  queryFn: () => read(run, null),
})

/** What a run has measured and measures. A part of a long one is told more finely. */
export function useMeasured(run: string, range: Range | null) {
  const queries = useQueryClient()
  const whole = useQuery({
    ...measuredQuery(run),
    staleTime: Number.POSITIVE_INFINITY,
    // A large file is read in parts.
    refetchInterval: ({ state: { data } }) => (data && isBeingRead(data) ? 1000 : false),
  })
  const isCoarse = whole.data !== undefined && whole.data.total > whole.data.step.length
  const closer = useQuery({
    queryKey: ['measured', run, range],
    queryFn: () => read(run, range),
    enabled: range !== null && isCoarse,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
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
  return { whole, shown: (range !== null && isCoarse && closer.data) || whole.data, stream }
}

export const runQuery = (run: string) => ({
  queryKey: ['run', run],
  queryFn: () => data(api.GET('/v1/runs/one', { params: { query: { run } } })),
})
