/** A position in pixels: the middle of the first pixel is (0, 0). */
export interface Point {
  readonly x: number
  readonly y: number
}

/** (x, y) -> (a x - b y + tx, b x + a y + ty): scale, rotation and shift, no reflection. */
export interface Similarity {
  readonly a: number
  readonly b: number
  readonly tx: number
  readonly ty: number
}

/**
 * The similarity that brings points nearest to others, by least squares in closed form about the means (Umeyama 1991,
 * for two dimensions and without reflection). Points that all lie in one place give a = b = 0.
 */
export function similarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const [p, q] = [meanOf(from), meanOf(to)]
  let [dot, cross, square] = [0, 0, 0]
  from.forEach(({ x, y }, i) => {
    const [px, py, qx, qy] = [x - p.x, y - p.y, to[i]!.x - q.x, to[i]!.y - q.y]
    dot += px * qx + py * qy
    cross += px * qy - py * qx
    square += px * px + py * py
  })
  const [a, b] = square > 0 ? [dot / square, cross / square] : [0, 0]
  return { a, b, tx: q.x - a * p.x + b * p.y, ty: q.y - b * p.x - a * p.y }
}

function meanOf(points: readonly Point[]): Point {
  const sum = (of: (point: Point) => number) =>
    points.reduce((total, one) => total + of(one), 0) / points.length
  return { x: sum(({ x }) => x), y: sum(({ y }) => y) }
}
