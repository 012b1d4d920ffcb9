import { softplus } from './cllr.js'
import type { Curve } from './curve.js'
import type { Support, Weighed } from './scores.js'

/** Straight pieces that the parabola is stored as: within 1e-3 of it in the logarithm. */
const PIECES = 128

/**
 * The logarithmic likelihood ratio as a + b u + c max(0, u)^2, b and c not below 0, by logistic regression. u is the cosine
 * in which impostor pairs have mean 0 and genuine pairs mean 1. For normal scores of two variances the ratio is a
 * parabola: genuine pairs spread wider than impostor pairs, so above these the ratio rises faster than a line.
 * Genuine pairs count `prior`, impostor pairs 1 - prior together, so that it fits best where decisions of that prior fall.
 * b and c have a ridge that keeps them finite where a cosine parts all pairs: 0.01 over the number of pairs for a prior of
 * a half (scikit-learn's C = 100; its default would bend the curve where there are a few thousand pairs), less for a prior
 * that leaves less to learn from.
 */
export function fitLogistic(
  { cosine, same, weight }: Weighed,
  { genuine, impostor }: Pick<Support, 'genuine' | 'impostor'>,
  prior: number,
): Curve {
  const scaled = cosine.map((x) => (x - impostor) / (genuine - impostor))
  const squared = scaled.map((u) => Math.max(0, u) ** 2)
  const ridge = (0.02 * Math.min(prior, 1 - prior)) / cosine.length
  const none = new Float64Array(cosine.length)
  const fit = (line: Float64Array, parabola: Float64Array) =>
    minimum(line, parabola, same, weight, prior, ridge)
  let found = fit(scaled, squared)
  if (found.at.some((value, k) => k > 0 && value < 0)) {
    // Convex: then one of the two is 0 at the best that is allowed.
    const one = [fit(scaled, none), fit(none, squared)].sort((a, b) => a.loss - b.loss)
    found = one.find(({ at }) => at[1] >= 0 && at[2] >= 0)!
  }
  const [constant, slope, bend] = found.at
  const llrAt = (x: number) => {
    const u = (x - impostor) / (genuine - impostor)
    return constant + slope * u + bend * Math.max(0, u) ** 2
  }
  const [first, last] = [cosine[0]!, cosine.at(-1)!]
  const from = Math.max(first, impostor)
  const bent = Array.from({ length: PIECES }, (_, i) => from + ((last - from) * i) / PIECES)
  return [...(first < from ? [first] : []), ...bent, last].map((x) => [x, llrAt(x)])
}

type Three = [number, number, number]

/**
 * Newton's method with halved steps for constant, line and parabola; the loss is convex. A column of nothing but 0 keeps
 * its term at 0.
 */
function minimum(
  line: Float64Array,
  parabola: Float64Array,
  same: Uint8Array,
  weight: Float64Array,
  prior: number,
  ridge: number,
): { readonly at: Three; readonly loss: number } {
  const offset = Math.log(prior / (1 - prior))
  const evaluate = ([a, b, c]: Three) => {
    let [loss, g0, g1, g2] = [(ridge * (b * b + c * c)) / 2, 0, ridge * b, ridge * c]
    let [h00, h01, h02, h11, h12, h22] = [0, 0, 0, ridge, 0, ridge]
    for (let p = 0; p < same.length; p++) {
      const [u, v, label] = [line[p]!, parabola[p]!, same[p]!]
      const z = offset + a + b * u + c * v
      const w = weight[p]! * (label === 1 ? prior : 1 - prior)
      loss += w * softplus(label === 1 ? -z : z)
      const chance = 1 / (1 + Math.exp(-z))
      const slope = w * (chance - label)
      const bend = w * chance * (1 - chance)
      g0 += slope
      g1 += slope * u
      g2 += slope * v
      h00 += bend
      h01 += bend * u
      h02 += bend * v
      h11 += bend * u * u
      h12 += bend * u * v
      h22 += bend * v * v
    }
    const rows = [
      [h00, h01, h02, g0],
      [h01, h11, h12, g1],
      [h02, h12, h22, g2],
    ]
    return { loss, rows }
  }
  let at: Three = [0, 0, 0]
  let here = evaluate(at)
  for (let step = 0; step < 100; step++) {
    const whole = solve(here.rows)
    let [next, there] = [at, here]
    for (let share = 1; share > 1e-6; share /= 2) {
      next = [at[0] - share * whole[0], at[1] - share * whole[1], at[2] - share * whole[2]]
      there = evaluate(next)
      if (there.loss < here.loss) break
    }
    const gain = here.loss - there.loss
    if (!(gain > 0)) break
    ;[at, here] = [next, there]
    if (gain < 1e-13 * here.loss) break
  }
  return { at, loss: here.loss }
}

/** Three equations, of a matrix that is positive definite: without pivots. Their right sides stand behind them. */
function solve(rows: number[][]): Three {
  for (let k = 0; k < 3; k++)
    for (let other = 0; other < 3; other++) {
      if (other === k) continue
      const factor = rows[other]![k]! / rows[k]![k]!
      for (let l = k; l < 4; l++) rows[other]![l]! -= factor * rows[k]![l]!
    }
  const [x, y, z] = rows.map((row, k) => row[3]! / row[k]!)
  return [x!, y!, z!]
}
