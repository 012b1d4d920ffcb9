import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, data, onRefused, type Schema, takeToken } from '../api/client.js'

/** Whether the server wants a key, and whose session this is. */
export type Session = Schema<'Session'>

const SESSION = ['session']

export function useSession() {
  return useQuery({
    queryKey: SESSION,
    queryFn: async () => {
      const session = await data(api.GET('/v1/session'))
      takeToken(session.csrf)
      return session
    },
    staleTime: 60_000,
  })
}

/** Asks whose session it is when the server refuses what it allowed: its key may have expired, or been revoked. */
export function useSessionEnd(): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      onRefused(() => {
        // Who makes the first key is refused until the page has signed in with it, and must not lose it.
        if (queries.getQueryData<Session>(SESSION)?.key)
          void queries.invalidateQueries({ queryKey: SESSION })
      }),
    [queries],
  )
}

/** Begins and ends the session; everything that was read for another is forgotten. */
export function useSignIn() {
  const queries = useQueryClient()
  const renew = async () => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] })
    await queries.invalidateQueries({ queryKey: SESSION })
  }
  return {
    signIn: async (key: string) => {
      // What no header can hold is no key either: the server says so.
      const headers = { 'x-api-key': encodeURIComponent(key) }
      await data(api.POST('/v1/session', { headers }))
      await renew()
    },
    signOut: async () => {
      await data(api.DELETE('/v1/session'))
      await renew()
    },
  }
}

/** Whether this session may do what a scope allows, on all galleries where `everywhere`. */
type Scope = NonNullable<Session['key']>['scopes'][number]

export function mayDo(session: Session, scope: Scope, everywhere = false): boolean {
  if (!session.needed) return true
  const { key } = session
  return key?.scopes.includes(scope) === true && (!everywhere || key.galleries === null)
}

/** `mayDo` of the session that is open. */
export function useMay(): (scope: Scope, everywhere?: boolean) => boolean {
  const { data: session } = useSession()
  return (scope, everywhere) => session !== undefined && mayDo(session, scope, everywhere)
}
