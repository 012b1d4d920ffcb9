/** A file that grows by rows. */
export interface Sink<T> {
  add(rows: readonly T[]): Promise<void>
  /** Without it the file is no whole one. */
  close(): Promise<void>
}
