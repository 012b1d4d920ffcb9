import { type components, connect } from '@arcface/server/client'

export type Schema<K extends keyof components['schemas']> = components['schemas'][K]

/** What the server has refused: a problem document. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message)
    this.name = 'ProblemError'
  }
}

let csrf: string | null = null
/** What unsafe requests of a session bring beside its cookie. */
export function takeToken(token: string | null): void {
  csrf = token
}

/** Listens for whether the server answers. */
const listeners = new Set<(isThere: boolean) => void>()
export function onReach(listener: (isThere: boolean) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
export const tellReach = (isThere: boolean) => {
  for (const listener of listeners) listener(isThere)
}

/** As `fetch`, to the server of the page, as its session. */
export async function ask(request: Request): Promise<Response> {
  if (csrf !== null && !['GET', 'HEAD'].includes(request.method))
    request.headers.set('x-csrf', csrf)
  try {
    const response = await fetch(request)
    tellReach(true)
    return response
  } catch (error) {
    if ((error as Error).name !== 'AbortError') tellReach(false)
    throw error
  }
}

/** The client of the server, typed: `await data(api.GET('/v1/galleries'))`. */
export const api = connect({ url: location.origin, fetch: ask })

/** What was answered. @throws ProblemError */
export async function data<T>(
  answering: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answering
  if (response.ok) return data as T
  throw problemOf(error, response.status)
}

export function problemOf(error: unknown, status: number): ProblemError {
  const { code, detail, title, hint } = Object(error) as Record<string, string | undefined>
  return new ProblemError(status, code ?? `HTTP_${status}`, detail ?? title ?? '', hint ?? null)
}
