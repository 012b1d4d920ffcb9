/** What a loss is built for. */
export interface LossShape {
  /** Number of people. */
  classes: number
  /** Length of the embedding. */
  dim: number
}
