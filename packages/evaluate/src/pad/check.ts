import { EvaluateError } from '../errors.js'
import type { PadDetector, Presentation } from './result.js'

/** @throws EvaluateError EVALUATE_PAD where there is nothing to measure, or scores that are none */
export function check(
  presentations: readonly Presentation[],
  detectors: readonly PadDetector[],
  species: readonly string[],
): void {
  const wrong = (message: string) => new EvaluateError('EVALUATE_PAD', message)
  if (detectors.length === 0) throw wrong('there is no detector of attacks to measure')
  const living = presentations.filter((one) => one.species === null)
  if (living.length === 0) throw wrong('there is no presentation of a living person')
  if (species.length === 0) throw wrong('there is no attack of any species')
  const answered = ({ scores }: Presentation) => scores !== null
  if (!living.some(answered))
    throw wrong(`none of the ${living.length} presentations of living people got an answer`)
  if (!presentations.some((one) => one.species !== null && answered(one)))
    throw wrong(`none of the ${presentations.length - living.length} attacks got an answer`)
  for (const { name, scores } of presentations) {
    if (scores === null) continue
    if (scores.length !== detectors.length)
      throw wrong(`${name} has ${scores.length} scores of ${detectors.length} detectors`)
    if (!scores.every(Number.isFinite)) throw wrong(`${name} has a score that is no number`)
  }
}
