import type { Bounds } from './bytes.js'

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

/** What multiplies rows that are held in bytes, a quarter of what they take else: the runtime's, in its threads. */
export interface ByteProduct {
  /** Begins a panel: rows are added to it part by part, and those may be others' as soon as it has taken them. */
  begin(dim: number): PanelMaker
  /**
   * @param probes m x dim
   * @param floors of each probe; below it no product is asked for
   * @returns for each panel the pairs whose product may be that much
   */
  above(
    panels: readonly BytePanel[],
    probes: Float32Array,
    dim: number,
    floors: Float32Array,
  ): Promise<readonly Bounds[]>
}

export interface PanelMaker {
  /** @param rows n x dim; only read, until it resolves */
  add(rows: Float32Array): Promise<void>
  /** Once all are added. */
  end(): Promise<BytePanel>
}

/** Rows in bytes. */
export interface BytePanel {
  /** Gives the memory back; nothing may be asked of it afterwards. */
  release(): void
}
