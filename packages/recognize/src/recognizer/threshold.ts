import { RecognizeError } from '../errors.js'
import type { Thresholds } from '../models/pack.js'

export interface ChosenThreshold {
  readonly threshold: number | null
  readonly far: number | null
  readonly source: string | null
}

/** FAR that stands where nobody names one. */
const USUAL_FAR = 1e-2

/**
 * The cosine given; else the model's at the FAR given; else the model's at the FAR nearest to 1e-2.
 * @throws RecognizeError RECOGNIZE_USE for a FAR that the model names no threshold at
 */
export function chooseThreshold(
  known: Thresholds | undefined,
  { threshold, far }: { readonly threshold?: number; readonly far?: number },
): ChosenThreshold {
  if (threshold !== undefined) return { threshold, far: null, source: null }
  const fars = Object.keys(known?.cosine ?? {})
  const distance = (key: string) => Math.abs(Math.log10(Number(key) / (far ?? USUAL_FAR)))
  const [nearest] = fars.sort((a, b) => distance(a) - distance(b))
  if (far !== undefined && (nearest === undefined || distance(nearest) > 1e-9))
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `the model names no threshold at FAR ${far}${fars.length > 0 ? `, only at ${fars.join(', ')}` : ''}; find one with arcface evaluate threshold`,
    )
  if (known === undefined || nearest === undefined)
    return { threshold: null, far: null, source: null }
  return { threshold: known.cosine[nearest]!, far: Number(nearest), source: known.source }
}
