import type { Figure } from './figures.js'

/** A series as it is drawn; null where a run has nothing of it. What no logarithm shows is left out. */
export function lineOf(
  series: readonly (number | null)[] | undefined,
  { factor = 1, logarithmic = false }: Pick<Figure, 'factor' | 'logarithmic'>,
): (number | null)[] | null {
  if (!series?.some((value) => value !== null)) return null
  return series.map((value) =>
    value === null || (logarithmic && value <= 0) ? null : value * factor,
  )
}
