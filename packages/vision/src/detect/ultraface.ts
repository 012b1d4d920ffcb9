import type { Detection } from './detection.js'
import type { Family } from './family.js'

/**
 * UltraFace (Ultra-Light-Fast-Generic-Face-Detector-1MB) with its decoding in the graph: for each prior the scores of
 * background and face, and corners as shares of the input. It gives no points.
 */
export const ultraface: Family = {
  name: 'UltraFace',
  minScore: 0.65,
  overlap: 0.4,
  sure: 0.8,
  order: 'RGB',
  mean: 127,
  scale: 1 / 128,
  points: false,
  anySize: false,
  fits: (names) => names.length === 2 && names.includes('scores') && names.includes('boxes'),
  read(outputs, { width, height }, minScore) {
    const of = (name: string) => outputs[name]!.data
    const [scores, boxes] = [of('scores'), of('boxes')]
    const found: Detection[] = []
    for (let i = 0; 2 * i < scores.length; i++) {
      const score = scores[2 * i + 1]!
      if (!(score >= minScore)) continue
      const [left, top, right, bottom] = boxes.subarray(4 * i, 4 * i + 4)
      const box = {
        x: left! * width,
        y: top! * height,
        width: (right! - left!) * width,
        height: (bottom! - top!) * height,
      }
      found.push({ score, box, points: [] })
    }
    return found
  },
}
