import type { Detection } from './detection.js'

/** What a detector gives for the cells of one grid. `stride`: pixels a cell. */
export interface Level {
  readonly stride: number
  /** Cells a row. */
  readonly columns: number
  /** Positions of the same cell, one after the other. */
  readonly anchors: number
  readonly scores: Float32Array
  /** Four numbers a position. */
  readonly boxes: Float32Array
  /** Ten numbers a position. */
  readonly points: Float32Array
}

/** Makes a detection of four and ten numbers, given the corner of their cell in pixels. */
export type ReadCell = (
  box: Float32Array,
  points: Float32Array,
  x: number,
  y: number,
  stride: number,
) => Omit<Detection, 'score'>

/** Every position with at least `minScore`. */
export function readGrid(level: Level, minScore: number, read: ReadCell): Detection[] {
  const { stride, columns, anchors, scores, boxes, points } = level
  const found: Detection[] = []
  scores.forEach((score, i) => {
    if (!(score >= minScore)) return
    const cell = Math.floor(i / anchors)
    const [x, y] = [(cell % columns) * stride, Math.floor(cell / columns) * stride]
    const own = (values: Float32Array, width: number) => values.subarray(i * width, (i + 1) * width)
    found.push({ score, ...read(own(boxes, 4), own(points, 10), x, y, stride) })
  })
  return found
}

/** Five points as offsets from a corner, in strides. */
export const pointsFrom = (offsets: Float32Array, x: number, y: number, stride: number) =>
  Array.from({ length: 5 }, (_, i) => ({
    x: x + offsets[2 * i]! * stride,
    y: y + offsets[2 * i + 1]! * stride,
  }))
