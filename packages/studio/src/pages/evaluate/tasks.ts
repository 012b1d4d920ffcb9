import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ask, data, problemOf, type Schema } from '../../api/client.js'

export type ListedTask = Schema<'ListedTask'>
type Started = Schema<'Task_scores'> | Schema<'Task_verification'> | Schema<'Task_groups'>

const POLL_MS = 1500

export const isOver = ({ state }: Pick<ListedTask, 'state'>): boolean =>
  state !== 'waiting' && state !== 'running'

/** The tasks of a kind, the latest first; asked for again while one of them goes on. */
export function useTasks(kind: string) {
  return useQuery({
    queryKey: ['tasks'],
    queryFn: () => data(api.GET('/v1/tasks')),
    select: ({ tasks }) => tasks.filter((one) => one.kind === kind),
    refetchInterval: ({ state }) => (state.data?.tasks.every(isOver) === false ? POLL_MS : false),
  })
}

export function useStart() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Started) => data(api.POST('/v1/tasks', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tasks'] }),
  })
}

export function useStop() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (task: string) =>
      data(api.DELETE('/v1/tasks/{task}', { params: { path: { task } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tasks'] }),
  })
}

/** Where a file of the workspace is got. */
export const fileOf = (path: string): string =>
  `/v1/workspace/files?${new URLSearchParams({ path })}`

/** @throws ProblemError */
export async function textOf(path: string): Promise<string> {
  const response = await ask(new Request(fileOf(path)))
  if (response.ok) return response.text()
  throw problemOf(await response.json().catch(() => null), response.status)
}

/** A parameter of a task. */
export const parameter = ({ parameters }: ListedTask, name: string): string | undefined => {
  const value = parameters[name]
  return typeof value === 'string' ? value : undefined
}
