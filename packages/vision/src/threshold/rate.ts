/** A FAR or FPIR as a person writes it: `1e-6`, not `0.000001`; else as it is given. */
export const rateName = (rate: number | string): string =>
  Number(rate) < 1e-3 ? Number(rate).toExponential() : `${rate}`

/** The same in two digits. */
export const roundedRate = (rate: number): string => rateName(Number(rate.toPrecision(2)))
