interface Document {
  readonly components?: { readonly schemas?: Record<string, unknown> }
}

const REFERENCE = '#/components/schemas/'

/**
 * Leaves out the named schemas that nothing refers to: of each, fastify-type-provider-zod makes one for what comes in and
 * one for what goes out. One that only comes in has its own name.
 */
export function tidyComponents<T extends Document>(document: T): T {
  const all = document.components?.schemas ?? {}
  const used = new Set<string>()
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) look(one)
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) {
        const name = key === '$ref' && typeof one === 'string' && one.replace(REFERENCE, '')
        if (name === false) look(one)
        else if (!used.has(name)) {
          used.add(name)
          look(all[name])
        }
      }
  }
  look({ ...document, components: { ...document.components, schemas: {} } })
  const nameOf = (name: string) => {
    const bare = name.replace(/Input$/, '')
    return bare !== name && bare in all && !used.has(bare) ? bare : name
  }
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) =>
        key === '$ref' && typeof one === 'string'
          ? [key, REFERENCE + nameOf(one.replace(REFERENCE, ''))]
          : [key, renamed(one)],
      ),
    )
  }
  const kept = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [nameOf(name), schema] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  return renamed({ ...document, components: { ...document.components, schemas: kept } }) as T
}
