import { useQuery } from '@tanstack/react-query'
import { api, data } from './client.js'

/** The folder that the server works in, and whether it can run commands there. */
export const useWorkspace = () =>
  useQuery({ queryKey: ['workspace'], queryFn: () => data(api.GET('/v1/workspace')) })

/** What lies in a folder of it: the first two hundred by name. */
export const useEntries = (path: string) =>
  useQuery({
    queryKey: ['entries', path],
    queryFn: () =>
      data(api.GET('/v1/workspace/entries', { params: { query: { path, limit: 200 } } })),
  })
