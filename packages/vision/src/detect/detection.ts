import type { Point } from '../align/similarity.js'

/** A face in a photograph, in its pixels. */
export interface Detection {
  readonly box: Box
  /** Left eye, right eye, nose, left and right corner of the mouth, as seen. */
  readonly points: readonly Point[]
  /** From 0 to 1; what it means differs between detectors. */
  readonly score: number
}

/** `x` and `y` of the upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const areaOf = ({ width, height }: Box): number => Math.max(0, width) * Math.max(0, height)

/** Area that two boxes have in common. */
function common(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

/** Share of the area of both that two boxes have in common. */
export function overlap(a: Box, b: Box): number {
  const both = common(a, b)
  return both === 0 ? 0 : both / (areaOf(a) + areaOf(b) - both)
}

/** Share of the smaller of two boxes that lies in the other. */
export function contained(a: Box, b: Box): number {
  const both = common(a, b)
  return both === 0 ? 0 : both / Math.min(areaOf(a), areaOf(b))
}

/** The best first; of boxes that overlap more than `limit` only the better one. */
export function suppress(found: readonly Detection[], limit: number): Detection[] {
  const kept: Detection[] = []
  for (const one of [...found].sort((a, b) => b.score - a.score))
    if (kept.every(({ box }) => overlap(box, one.box) <= limit)) kept.push(one)
  return kept
}
