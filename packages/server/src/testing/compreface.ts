import { randomUUID } from 'node:crypto'

/** What an answer of CompreFace's API was. */
export interface Answer<T = unknown> {
  readonly status: number
  readonly body: T
}

/** A client of CompreFace's API, by plain HTTP. @param url of the server */
export function comprefaceClient(url: string, key: string | null = randomUUID()) {
  const send = async <T>(
    method: string,
    path: string,
    body?: RequestInit['body'],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      ...{ method, body: body ?? null },
      headers: { ...(key !== null && { 'x-api-key': key }), ...headers },
    })
    return { status: answer.status, body: (await answer.json()) as T }
  }
  return {
    key,
    send,
    get: <T>(path: string) => send<T>('GET', path),
    delete: <T>(path: string) => send<T>('DELETE', path),
    json: <T>(path: string, body: unknown, method = 'POST') =>
      send<T>(method, path, JSON.stringify(body), { 'content-type': 'application/json' }),
    /** @param pictures by the parts of a form @param names of their files */
    form: <T>(path: string, pictures: Readonly<Record<string, Uint8Array>>, name = 'photo.png') => {
      const form = new FormData()
      for (const [part, bytes] of Object.entries(pictures))
        form.append(part, new Blob([new Uint8Array(bytes)]), name)
      return send<T>('POST', path, form)
    },
  }
}

export type ComprefaceClient = ReturnType<typeof comprefaceClient>

export interface Item {
  readonly box: Readonly<Record<'probability' | 'x_max' | 'y_max' | 'x_min' | 'y_min', number>>
  readonly landmarks?: readonly (readonly [number, number])[]
  readonly pose?: Readonly<Record<'pitch' | 'roll' | 'yaw', number>>
  readonly embedding?: readonly number[]
  readonly execution_time?: Readonly<Record<string, number>>
  readonly subjects?: readonly { readonly subject: string; readonly similarity: number }[]
  readonly similarity?: number
  readonly subject?: string
  readonly known?: boolean
  readonly same?: boolean
  readonly threshold?: number
  readonly rejected?: readonly string[]
}

export interface Items {
  readonly result: readonly Item[]
  readonly plugins_versions?: Readonly<Record<string, string>>
}
