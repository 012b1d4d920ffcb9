/** Of what runs a model over many images. */
export interface WorkOptions {
  /** Called with what is counted (images, images of the gallery, pairs, ...), how many are done and of how many. */
  readonly onProgress?: ((what: string, done: number, total: number) => void) | undefined
  /** Ends the work before its next batch: then its reason is thrown. */
  readonly signal?: AbortSignal | undefined
}

/** Tells of one kind of thing, and looks whether the work is to end. */
export const telling =
  ({ onProgress, signal }: WorkOptions, what: string) =>
  (done: number, total: number): void => {
    onProgress?.(what, done, total)
    signal?.throwIfAborted()
  }
