import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data } from '../../api/client.js'
import { isOver, type ListedTask, useStartTask } from '../../tasks/task.js'

const POLL_MS = 1500
const queryKey = ['tasks']

/** The tasks of a kind, the latest first; asked for again while one of them goes on. */
export function useTasks(kind: string) {
  return useQuery({
    queryKey,
    queryFn: () => data(api.GET('/v1/tasks')),
    select: ({ tasks }) => tasks.filter((one) => one.kind === kind),
    refetchInterval: ({ state }) => (state.data?.tasks.every(isOver) === false ? POLL_MS : false),
  })
}

/** Starts a task, which is then among those of its kind. */
export function useStart() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: useStartTask(),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
}

/** A parameter of a task. */
export const parameter = ({ parameters }: ListedTask, name: string): string | undefined => {
  const value = parameters[name]
  return typeof value === 'string' ? value : undefined
}
