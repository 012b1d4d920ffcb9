/** Images a second, averaged over the last steps; pauses do not count. */
export class Speed {
  #last = performance.now()
  #rate = 0

  /** Counts a step. */
  add(images: number): number {
    const now = performance.now()
    const rate = (1000 * images) / (now - this.#last)
    this.#last = now
    this.#rate = this.#rate === 0 ? rate : 0.95 * this.#rate + 0.05 * rate
    return this.#rate
  }

  /** What went by since the last step was no training. */
  pause(): void {
    this.#last = performance.now()
  }
}
