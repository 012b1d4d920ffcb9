/** Rows whose slots lie together: 16 kB. */
const PAGE = 4096

/** Which slot a row of a table has. A few bytes each, where a Map of as many numbers takes sixty. */
export class Slots {
  readonly #pages = new Map<number, Int32Array>()
  size = 0

  /** @param row a whole number that is not negative */
  get(row: number): number | undefined {
    const slot = this.#pages.get(Math.floor(row / PAGE))?.[row % PAGE]
    return slot ? slot - 1 : undefined
  }

  set(row: number, slot: number): void {
    const number = Math.floor(row / PAGE)
    const page = this.#pages.get(number) ?? new Int32Array(PAGE)
    this.#pages.set(number, page)
    if (page[row % PAGE] === 0) this.size++
    page[row % PAGE] = slot + 1
  }

  delete(row: number): void {
    const page = this.#pages.get(Math.floor(row / PAGE))
    if (page === undefined || page[row % PAGE] === 0) return
    page[row % PAGE] = 0
    this.size--
  }

  *rows(): Generator<number> {
    for (const [number, page] of this.#pages)
      for (const [i, slot] of page.entries()) if (slot > 0) yield number * PAGE + i
  }
}
