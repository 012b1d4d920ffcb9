// Where axes begin and end, so that the data fill the plot.

/** Where an axis of shares that ends at 1 begins, and what lies between its marks. */
export interface ShareAxis {
  readonly min: number
  readonly max: 1
  readonly step: number
}

/** From a round number just below the smallest share shown; from 0 where shares are spread that far. */
export function shareAxis(lowest: number): ShareAxis {
  // Of nothing but 1 a twentieth is shown.
  const span = lowest < 1 ? Math.max(1 - lowest, 0.002) : 0.05
  const step = roundStep(span / 5)
  // A little room below the curve.
  const marks = Math.ceil((1 - lowest + span / 50) / step - 1e-9)
  return { min: Math.max(0, Number((1 - marks * step).toPrecision(6))), max: 1, step }
}

/** 1, 2 or 5 times a power of 10, not below what is given. */
function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(least) + 1e-9)
  const factor = [1, 2, 5, 10].find((one) => one * decade >= least * (1 - 1e-9))!
  return Number((factor * decade).toPrecision(6))
}

/**
 * Where a logarithmic axis of a rate begins: at what one of so many tells, the smallest rate above 0 that they support.
 */
export const rateFrom = (counts: readonly number[]): number =>
  Math.min(0.1, ...counts.map((count) => 1 / Math.max(1, count)))
