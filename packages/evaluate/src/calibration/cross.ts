import { logLikelihoodRatio } from '@arcface/vision'
import { EvaluateError } from '../errors.js'
import type { Curve } from './curve.js'
import { supportOf, take, type Weighed } from './scores.js'

/** Fits a curve to pairs. */
export type Fit = (scores: Weighed, support: ReturnType<typeof supportOf>) => Curve

/**
 * The logarithmic likelihood ratio of each pair by a fit that knew neither of its people: people lie in parts, and a pair
 * of people of two parts is left to a fit to all the others.
 * @param partOf of each person, 0 .. parts - 1
 * @param fits what is tried
 * @returns for each fit a ratio of each pair
 * @throws EvaluateError EVALUATE_CALIBRATION where too little is left to fit
 */
export function crossFitted(
  scores: Weighed,
  partOf: ArrayLike<number>,
  parts: number,
  fits: readonly Fit[],
): Float64Array[] {
  const { first, second, cosine } = scores
  const found = fits.map(() => new Float64Array(cosine.length))
  for (let f = 0; f < parts; f++)
    for (let g = f; g < parts; g++) {
      const kept = new Uint32Array(cosine.length)
      const tried = new Uint32Array(cosine.length)
      let [keeps, tries] = [0, 0]
      for (let p = 0; p < cosine.length; p++) {
        const [a, b] = [partOf[first[p]!]!, partOf[second[p]!]!]
        if ((a === f && b === g) || (a === g && b === f)) tried[tries++] = p
        else if (a !== f && a !== g && b !== f && b !== g) kept[keeps++] = p
      }
      if (tries === 0) continue
      const others = take(scores, kept.subarray(0, keeps))
      const support = supportOf(others)
      if (!(support.people > 0 && support.couples > 0 && support.genuine > support.impostor))
        throw new EvaluateError(
          'EVALUATE_CALIBRATION',
          `without the people of two of ${parts} parts no genuine or no impostor pairs are left that tell them apart; a calibration takes more people`,
        )
      for (const [i, fit] of fits.entries()) {
        const curve = fit(others, support)
        for (const p of tried.subarray(0, tries))
          found[i]![p] = logLikelihoodRatio(curve, cosine[p]!)
      }
    }
  return found
}
