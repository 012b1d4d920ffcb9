/** A configuration by its keys, `loss.margin` and the like; lists as a whole. */
export function flat(value: unknown, at = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[at, JSON.stringify(value) ?? '']])
  const all = Object.entries(value).flatMap(([key, one]) => [
    ...flat(one, at === '' ? key : `${at}.${key}`),
  ])
  return new Map(all)
}

export interface Difference {
  readonly key: string
  /** Of each configuration; null where it has none. */
  readonly values: readonly (string | null)[]
}

/** Keys in which configurations differ, but for the folder that each has of its own. */
export function differences(configs: readonly unknown[]): Difference[] {
  const all = configs.map((config) => flat(config ?? {}))
  const keys = new Set(all.flatMap((one) => [...one.keys()]))
  return [...keys]
    .filter((key) => key !== '' && key !== 'output')
    .map((key) => ({ key, values: all.map((one) => one.get(key) ?? null) }))
    .filter(({ values }) => new Set(values).size > 1)
}
