import type { Range } from '../../../ui/charts/lines.js'

/** A part of the steps within all of them: at least two steps, null where it is all. */
export function within([from, to]: Range, [first, last]: Range): Range | null {
  const size = Math.max(2, to - from)
  if (size >= last - first) return null
  const start = Math.min(Math.max(first, from), last - size)
  return [start, start + size]
}

/** The part that is seen next. @param by shares of what is seen to pan @param factor of its size, around its middle */
export function moved([from, to]: Range, whole: Range, by: number, factor = 1): Range | null {
  const half = ((to - from) / 2) * factor
  const middle = (from + to) / 2 + by * (to - from)
  return within([middle - half, middle + half], whole)
}
