interface Closing {
  close(): Promise<void>
}

/** What is opened when it is first wanted: who never asks for it loads nothing. */
export class Lazy<T extends Closing | undefined> {
  #opened: Promise<T> | undefined

  constructor(private readonly opener: () => Promise<T>) {}

  /** Opened once; what failed is tried again by the next call. */
  open(): Promise<T> {
    this.#opened ??= this.opener().catch((error) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    await opened?.close()
  }
}
