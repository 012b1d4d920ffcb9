/** How far a download is, in bytes. */
export interface DownloadProgress {
  /** Of the model: its name. */
  readonly file: string
  readonly loaded: number
  /** Where it is known. */
  readonly total?: number | undefined
  /** Whether it was kept from an earlier visit. */
  readonly cached: boolean
}

/** Nobody sees more. */
const EVERY_MS = 100

/**
 * Tells of one file: that it begins, then at most ten times a second, and that it is there.
 */
export class FileProgress {
  #told = Number.NEGATIVE_INFINITY

  constructor(
    private readonly file: string,
    private readonly onProgress: ((progress: DownloadProgress) => void) | undefined,
  ) {}

  downloading(loaded: number, total: number | undefined): void {
    const now = performance.now()
    if (now - this.#told < EVERY_MS) return
    this.#told = now
    this.#tell(loaded, total, false)
  }

  done(bytes: number, cached: boolean): void {
    this.#tell(bytes, bytes, cached)
  }

  #tell(loaded: number, total: number | undefined, cached: boolean): void {
    this.onProgress?.({ file: this.file, loaded, ...(total !== undefined && { total }), cached })
  }
}
