import type { paths } from '@arcface/server/client'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, data, type Schema } from '../api/client.js'
import { useEvents } from '../api/events.js'

export type Task = Schema<'Task'>
/** A kind of task, and its parameters. */
export type TaskRequest = paths['/v1/tasks']['post']['requestBody']['content']['application/json']
export type ListedTask = Schema<'ListedTask'>

export const isOver = ({ ended }: ListedTask): boolean => ended !== null

const keyOf = (id: string | null) => ['task', id]

/** Asks for a task; `useTask` then follows it by its id. @throws ProblemError */
export function useStartTask(): (body: TaskRequest) => Promise<Task> {
  const queries = useQueryClient()
  return async (body) => {
    const task = await data(api.POST('/v1/tasks', { body }))
    queries.setQueryData(keyOf(task.id), task)
    return task
  }
}

/** Asks a task to save and end; the second time, at once. @throws ProblemError */
export async function stopTask(queries: QueryClient, id: string): Promise<void> {
  await data(api.DELETE('/v1/tasks/{task}', { params: { path: { task: id } } }))
  await queries.invalidateQueries({ queryKey: keyOf(id) })
}

/** A task as it goes on, and its result when it is over. null: none. */
export function useTask(id: string | null) {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: keyOf(id),
    queryFn: () => data(api.GET('/v1/tasks/{task}', { params: { path: { task: id! } } })),
    enabled: id !== null,
  })
  const changed = (told: unknown) => {
    const task = told as ListedTask
    // The result comes with the task itself.
    if (isOver(task)) void queries.invalidateQueries({ queryKey: keyOf(id) })
    else queries.setQueryData(keyOf(id), (known?: Task) => known && { ...known, ...task })
  }
  const isFollowed = id !== null && query.data !== undefined && !isOver(query.data)
  useEvents(isFollowed ? `/v1/tasks/${encodeURIComponent(id)}/events` : null, {
    waiting: changed,
    running: changed,
    done: changed,
    failed: changed,
    cancelled: changed,
    lost: changed,
  })
  return query
}
