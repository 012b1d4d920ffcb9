import { Random } from '@arcface/vision'
import type { PairsAbove } from '../threshold/across.js'

/** Faces of people in float64: a centre each, and noise about it that makes two faces of one `cosine` alike. */
export function drawPeople(
  people: number,
  faces: number,
  dim: number,
  cosine: number,
  seed = 1,
): { rows: Float32Array; person: Int32Array } {
  const random = new Random(seed)
  const unit = () => {
    const v = Float64Array.from({ length: dim }, () => random.normal())
    const length = Math.hypot(...v)
    return v.map((value) => value / length)
  }
  const rows = new Float32Array(people * faces * dim)
  const person = new Int32Array(people * faces)
  for (let p = 0; p < people; p++) {
    const centre = unit()
    for (let f = 0; f < faces; f++) {
      const row = p * faces + f
      const noise = unit()
      const v = centre.map((c, d) => Math.sqrt(cosine) * c + Math.sqrt(1 - cosine) * noise[d]!)
      const length = Math.hypot(...v)
      rows.set(
        v.map((value) => value / length),
        row * dim,
      )
      person[row] = p
    }
  }
  return { rows, person }
}

/** By definition. */
export const everyPairAbove: PairsAbove = async (rows, dim, threshold, found) => {
  const n = rows.length / dim
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      let product = 0
      for (let d = 0; d < dim; d++) product += rows[i * dim + d]! * rows[j * dim + d]!
      if (product > threshold) found(i, j, product)
    }
}
