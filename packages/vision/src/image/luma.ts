/** Grey value of the pixel that begins at a place. */
export const luma = (rgb: ArrayLike<number>, at: number): number =>
  0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!
