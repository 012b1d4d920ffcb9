import type { Tensors } from '../network/network.js'
import type { Family } from './family.js'
import { type Level, pointsFrom, readGrid } from './grid.js'

const STRIDES = [8, 16, 32]

/**
 * SCRFD with five points (arXiv 2105.04714) as InsightFace exports it: for each of three grids scores, distances to the
 * four sides and offsets of the points, in strides; two anchors a cell.
 */
export const scrfd: Family = {
  name: 'SCRFD',
  minScore: 0.5,
  overlap: 0.4,
  sure: 0.76,
  order: 'RGB',
  mean: 127.5,
  scale: 1 / 128,
  points: true,
  anySize: true,
  fits: (names) => names.length === 9 && !names.includes('cls_8'),
  read(outputs, { width }, minScore) {
    return levels(outputs, width).flatMap((level) =>
      readGrid(level, minScore, (box, points, x, y, stride) => ({
        box: {
          x: x - box[0]! * stride,
          y: y - box[1]! * stride,
          width: (box[0]! + box[2]!) * stride,
          height: (box[1]! + box[3]!) * stride,
        },
        points: pointsFrom(points, x, y, stride),
      })),
    )
  },
}

/** Outputs are told apart by their width, and by their length, which falls with the stride. */
function levels(outputs: Tensors, width: number): Level[] {
  const ofWidth = (columns: number) =>
    Object.values(outputs)
      .filter(({ dims }) => dims.at(-1) === columns)
      .map(({ data }) => data)
      .sort((a, b) => b.length - a.length)
  const [scores, boxes, points] = [ofWidth(1), ofWidth(4), ofWidth(10)]
  return STRIDES.map((stride, i) => ({
    stride,
    columns: width / stride,
    anchors: 2,
    scores: scores[i]!,
    boxes: boxes[i]!,
    points: points[i]!,
  }))
}
