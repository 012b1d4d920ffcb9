const STEPS = 4096
const TABLE = Float64Array.from({ length: STEPS }, (_, i) => Math.cos((2 * Math.PI * i) / STEPS))

/** The cosine of so many turns, out of a table: the dots of a print and the gaps of a screen take millions. */
export const wave = (turns: number): number => TABLE[Math.floor(turns * STEPS) & (STEPS - 1)]!

/** What becomes of each brightness from 0 to 255. */
export const curveOf = (of: (share: number) => number): Float64Array =>
  Float64Array.from({ length: 256 }, (_, value) => of(value / 255))
