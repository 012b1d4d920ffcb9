/** Cells of the grid a side. */
const SIDE = 256

/** Finds points (rows of two numbers) near a place without looking at all of them. */
export class Near {
  private readonly start: Int32Array
  private readonly rows: Int32Array
  private readonly low: readonly [number, number]
  private readonly cell: readonly [number, number]

  constructor(private readonly points: Float32Array) {
    const n = points.length / 2
    const [low, high] = [
      [Infinity, Infinity],
      [-Infinity, -Infinity],
    ] as [number[], number[]]
    for (let i = 0; i < points.length; i++) {
      low[i % 2] = Math.min(low[i % 2]!, points[i]!)
      high[i % 2] = Math.max(high[i % 2]!, points[i]!)
    }
    this.low = [low[0]!, low[1]!]
    this.cell = [(high[0]! - low[0]!) / SIDE || 1, (high[1]! - low[1]!) / SIDE || 1]
    // Counting sort of the rows by their cell.
    this.start = new Int32Array(SIDE * SIDE + 1)
    const cells = Int32Array.from({ length: n }, (_, i) =>
      this.cellOf(points[2 * i]!, points[2 * i + 1]!),
    )
    for (const cell of cells) this.start[cell + 1]!++
    for (let cell = 0; cell < SIDE * SIDE; cell++) this.start[cell + 1]! += this.start[cell]!
    const next = this.start.slice()
    this.rows = new Int32Array(n)
    for (const [i, cell] of cells.entries()) this.rows[next[cell]!++] = i
  }

  /** The nearest point within a radius; -1 where there is none. */
  nearest(x: number, y: number, radius: number): number {
    const [left, bottom] = this.column(x - radius, y - radius)
    const [right, top] = this.column(x + radius, y + radius)
    let [best, least] = [-1, radius * radius]
    for (let row = bottom; row <= top; row++)
      for (
        let at = this.start[row * SIDE + left]!;
        at < this.start[row * SIDE + right + 1]!;
        at++
      ) {
        const i = this.rows[at]!
        const far = (this.points[2 * i]! - x) ** 2 + (this.points[2 * i + 1]! - y) ** 2
        if (far <= least) [best, least] = [i, far]
      }
    return best
  }

  /** From a point the nearest in a direction, within 45 degrees of it; the point itself where there is none. */
  towards(from: number, dx: number, dy: number): number {
    const [x, y] = [this.points[2 * from]!, this.points[2 * from + 1]!]
    let [best, least] = [from, Infinity]
    for (let i = 0; i < this.rows.length; i++) {
      const [u, v] = [this.points[2 * i]! - x, this.points[2 * i + 1]! - y]
      const along = u * dx + v * dy
      const across = Math.abs(u * dy - v * dx)
      const far = along + across
      if (along > 0 && across <= along && far < least) [best, least] = [i, far]
    }
    return best
  }

  private column(x: number, y: number): [number, number] {
    const at = (value: number, axis: 0 | 1) =>
      Math.max(0, Math.min(SIDE - 1, Math.floor((value - this.low[axis]) / this.cell[axis])))
    return [at(x, 0), at(y, 1)]
  }

  private cellOf(x: number, y: number): number {
    const [column, row] = this.column(x, y)
    return row * SIDE + column
  }
}
