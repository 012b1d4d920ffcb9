import type { Family } from './family.js'
import { pointsFrom, readGrid } from './grid.js'

const STRIDES = [8, 16, 32]

/**
 * YuNet as OpenCV's zoo has it since 2023: for each of three grids class and object scores, a box as offset of the
 * middle and logarithm of the sides, offsets of the points, in strides.
 */
export const yunet: Family = {
  name: 'YuNet',
  minScore: 0.6,
  overlap: 0.3,
  sure: 0.9,
  order: 'BGR',
  mean: 0,
  scale: 1,
  points: true,
  anySize: true,
  fits: (names) => STRIDES.every((stride) => names.includes(`cls_${stride}`)),
  read(outputs, { width }, minScore) {
    const of = (name: string) => outputs[name]!.data
    return STRIDES.flatMap((stride) => {
      const object = of(`obj_${stride}`)
      const bounded = (value: number) => Math.min(Math.max(value, 0), 1)
      const scores = of(`cls_${stride}`).map((score, i) =>
        Math.sqrt(bounded(score) * bounded(object[i]!)),
      )
      const level = {
        stride,
        columns: width / stride,
        anchors: 1,
        scores,
        boxes: of(`bbox_${stride}`),
        points: of(`kps_${stride}`),
      }
      return readGrid(level, minScore, (box, points, x, y) => {
        const [w, h] = [Math.exp(box[2]!) * stride, Math.exp(box[3]!) * stride]
        return {
          box: {
            x: x + box[0]! * stride - w / 2,
            y: y + box[1]! * stride - h / 2,
            width: w,
            height: h,
          },
          points: pointsFrom(points, x, y, stride),
        }
      })
    })
  },
}
