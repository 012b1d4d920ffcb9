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

/** Something that happens now and then, and those who listen for it. */
function heard<T extends unknown[]>() {
  const listeners = new Set<(...told: T) => void>()
  const on = (listener: (...told: T) => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const tell = (...told: T) => {
    for (const listener of listeners) listener(...told)
  }
  return [on, tell] as const
}

/** Whether the server answers. */
export const [onReach, tellReach] = heard<[isThere: boolean]>()
/** It does not know the session, or no stream came where one was asked for: the session may have ended. */
export const [onRefused, tellRefused] = heard<[]>()

/** As `fetch`, to the server of the page, as its session. */
export async function ask(request: Request): Promise<Response> {
  if (csrf !== null && !['GET', 'HEAD'].includes(request.method))
    request.headers.set('x-csrf', csrf)
  try {
    const response = await fetch(request)
    tellReach(true)
    if (response.status === 401) tellRefused()
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
