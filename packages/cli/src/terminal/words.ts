/** `1 face`, `2 faces`; for words with another plural `many`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`

export const countedPeople = (n: number): string => counted(n, 'person', 'people')

export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

/** Of bytes: `12.3 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** `1e-6` rather than `0.000001`. @arcface/vision has the same, which is loaded only by commands that need more of it. */
export const rateName = (rate: number): string => (rate < 1e-3 ? rate.toExponential() : `${rate}`)

/** The same in two digits. */
export const roundedRate = (rate: number): string => rateName(Number(rate.toPrecision(2)))
