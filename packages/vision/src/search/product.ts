/** What multiplies: the runtime's, in its threads. */
export interface RowProduct {
  /**
   * @param probes m x dim
   * @returns all products, in the order of the rows, but in pieces as the runtime likes
   */
  times(probes: Float32Array, parts: readonly RowPart[], dim: number): Promise<readonly RowScores[]>
}

/** Rows that are multiplied. */
export interface RowPart {
  /** n x dim; only read. */
  readonly rows: Float32Array
  /** Whose rows and which of them: where reading them costs a copy, a product may keep it until the version is another. */
  readonly of?: {
    readonly holder: number
    readonly part: number
    readonly version: number
  }
}

/** Products of probes and some rows. */
export interface RowScores {
  /** Which part, and which of its rows is the first. */
  readonly part: number
  readonly first: number
  /** m x rows, row-major. */
  readonly scores: Float32Array
}
