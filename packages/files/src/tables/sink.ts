/** Writes rows into an open `OutputFile`, which its owner commits. */
export interface Sink<T> {
  add(rows: readonly T[]): Promise<void>
  /** Writes what comes last: without it the file is no whole one. */
  close(): Promise<void>
}
