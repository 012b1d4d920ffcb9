import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ask, problemOf, takeToken } from '../api/client.js'

/** Whether the server wants a key, and whose session this is. */
export interface Session {
  needed: boolean
  key: {
    id: string
    name: string
    scopes: string[]
    /** null: all. */
    galleries: string[] | null
    scores: boolean
    expires: string | null
  } | null
  csrf: string | null
}

const SESSION = ['session']

async function send(method: string, body?: unknown): Promise<Session> {
  const response = await ask(
    new Request('/v1/session', {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    }),
  )
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemOf(answer, response.status)
  return answer as Session
}

export function useSession() {
  return useQuery({
    queryKey: SESSION,
    queryFn: async () => {
      const session = await send('GET')
      takeToken(session.csrf)
      return session
    },
    staleTime: 60_000,
  })
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
      await send('POST', { key })
      await renew()
    },
    signOut: async () => {
      await send('DELETE')
      await renew()
    },
  }
}

/** Whether this session may do what a scope allows, on all galleries where `everywhere`. */
export function mayDo(session: Session, scope: string, everywhere = false): boolean {
  if (!session.needed) return true
  const { key } = session
  return key?.scopes.includes(scope) === true && (!everywhere || key.galleries === null)
}
