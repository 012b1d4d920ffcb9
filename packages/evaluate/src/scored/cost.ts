import { EvaluateError } from '../errors.js'

/** What wrong decisions cost, in any one unit, and how many comparisons are of one person. */
export interface Prices {
  /** Of a stranger who is accepted. */
  readonly falseAccept: number
  /** Of a person who is refused. */
  readonly falseReject: number
  /** Share of the comparisons that will be of one person, 0 to 1. */
  readonly genuine: number
}

/** @throws EvaluateError EVALUATE_OPTION */
export function checkPrices({ falseAccept, falseReject, genuine }: Prices): void {
  for (const price of [falseAccept, falseReject])
    if (!(price >= 0 && price < Number.POSITIVE_INFINITY))
      throw new EvaluateError('EVALUATE_OPTION', `a price is 0 or more, not ${price}`)
  if (!(genuine >= 0 && genuine <= 1))
    throw new EvaluateError('EVALUATE_OPTION', `a share lies between 0 and 1, not at ${genuine}`)
}

/** What false accepts and what false rejects cost, for each comparison on average (the detection cost of NIST's evaluations). */
export function expectedCost(
  { far, frr }: { readonly far: number; readonly frr: number },
  { falseAccept, falseReject, genuine }: Prices,
): { readonly accepts: number; readonly rejects: number; readonly all: number } {
  const accepts = (1 - genuine) * far * falseAccept
  const rejects = genuine * frr * falseReject
  return { accepts, rejects, all: accepts + rejects }
}
