/** Where a side of a tensor lies, from 0 on; -1 is the last. */
export const positiveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** How many numbers a tensor of these sides holds. */
export const countOf = (sides: readonly number[]): number =>
  sides.reduce((product, side) => product * side, 1)
