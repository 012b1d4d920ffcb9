/** What a person has filled in; '': whatever it is. Times are local, as `datetime-local` has them. */
export interface Filter {
  readonly since: string
  readonly until: string
  readonly key: string
  readonly gallery: string
  readonly person: string
  readonly operation: string
}

export const FIELDS = ['since', 'until', 'key', 'gallery', 'person', 'operation'] as const

export const filterIn = (search: URLSearchParams): Filter =>
  Object.fromEntries(FIELDS.map((name) => [name, search.get(name) ?? ''])) as unknown as Filter

/** The address that shows it again. */
export const addressOf = (filter: Filter): URLSearchParams =>
  new URLSearchParams(
    FIELDS.flatMap((name) => (filter[name].trim() ? [[name, filter[name].trim()]] : [])),
  )

/** As the server is asked; a time that is none is left out. */
export function queryOf(filter: Filter): Partial<Record<(typeof FIELDS)[number], string>> {
  const timeOf = (text: string) => {
    const time = new Date(text)
    return Number.isNaN(time.getTime()) ? '' : time.toISOString()
  }
  const asked = { ...filter, since: timeOf(filter.since), until: timeOf(filter.until) }
  return Object.fromEntries(addressOf(asked))
}

/** Hashes that were noted, a line each; undefined where one is none. */
export function hashesIn(text: string): string[] | undefined {
  const hashes = text.toLowerCase().split(/\s+/).filter(Boolean)
  return hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)) ? hashes : undefined
}
