import createClient, { type Client, type ClientOptions } from 'openapi-fetch'
import type { paths } from './generated/api.js'

export interface ConnectOptions extends Omit<ClientOptions, 'baseUrl' | 'bodySerializer'> {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** As `arcface keys create` has printed it. */
  readonly key?: string
}

/**
 * A client of a server, typed by its OpenAPI: `(await connect({ url }).POST('/v1/verify', { body: { a, b } })).data`.
 * Photographs are `Blob`s (or `File`s) in the body. What the server refuses is the `error` of an answer, a problem
 * document; only what keeps it from answering is thrown. Runs wherever there is `fetch`.
 */
export function connect({ url, key, headers, ...options }: ConnectOptions): Client<paths> {
  return createClient<paths>({
    ...options,
    baseUrl: url,
    headers: { ...(key !== undefined && { 'x-api-key': key }), ...Object(headers) },
    bodySerializer,
  })
}

/** A form where there are photographs, JSON otherwise. */
function bodySerializer(body: unknown): RequestInit['body'] {
  if (body instanceof FormData || body instanceof Blob) return body
  const parts = Object.entries(Object(body)).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: unknown) => [name, one] as const),
  )
  if (!parts.some(([, value]) => value instanceof Blob)) return JSON.stringify(body)
  const form = new FormData()
  for (const [name, value] of parts)
    if (value instanceof File) form.append(name, value, value.name)
    else form.append(name, value as Blob)
  return form
}
