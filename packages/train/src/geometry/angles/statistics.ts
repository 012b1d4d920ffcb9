/** Embeddings with the class of each. */
export interface Labelled {
  /** Count x dim, row-major, of any length but 0. */
  embeddings: Float32Array
  /** Position of the class of each row. */
  labels: ArrayLike<number>
  dim: number
  /** Classes; each has a row at least. */
  classes: number
}

/** The paper's table of angles (arXiv 1801.07698, table 3), in radians. */
export interface AngleStatistics {
  /** Mean angle between an embedding and the centre of its class's embeddings. */
  intra: number
  /** Mean over classes of the smallest angle between two centres of embeddings. */
  inter: number
}

/** The same for the trained centres W of a loss. */
export interface CentreStatistics {
  /** Mean angle between W_j and the centre of the embeddings of class j. */
  wEc: number
  /** Mean over classes of the smallest angle from W_j to another W. */
  wInter: number
}

/** Row `index` divided by its length, into `unit`, in float64. A row of zeros stays one. */
function unitRow(rows: ArrayLike<number>, index: number, unit: Float64Array): Float64Array {
  const start = index * unit.length
  let square = 0
  for (let i = 0; i < unit.length; i++) square += rows[start + i]! ** 2
  const length = Math.sqrt(square) || 1
  for (let i = 0; i < unit.length; i++) unit[i] = rows[start + i]! / length
  return unit
}

/** All rows divided by their lengths. */
export function directionsOf(rows: ArrayLike<number>, dim: number): Float64Array {
  const all = new Float64Array(rows.length)
  for (let row = 0; row < rows.length / dim; row++)
    unitRow(rows, row, all.subarray(row * dim, (row + 1) * dim))
  return all
}

/** The direction of the mean of each class's directions, classes x dim. */
export function embeddingCentres({ embeddings, labels, dim, classes }: Labelled): Float64Array {
  const sums = new Float64Array(classes * dim)
  const unit = new Float64Array(dim)
  for (let row = 0; row < labels.length; row++) {
    unitRow(embeddings, row, unit)
    const start = labels[row]! * dim
    for (let i = 0; i < dim; i++) sums[start + i]! += unit[i]!
  }
  return directionsOf(sums, dim)
}

/** The angle from each row to the centre of its class, in radians. `centres`: classes x dim. */
export function anglesToCentres(
  { embeddings, labels, dim }: Labelled,
  centres: ArrayLike<number>,
): Float64Array {
  const to = directionsOf(centres, dim)
  const unit = new Float64Array(dim)
  return Float64Array.from({ length: labels.length }, (_, row) =>
    angleBetween(unitRow(embeddings, row, unit), 0, to, labels[row]!, dim),
  )
}

/** Intra and Inter of embeddings. */
export function angleStatistics(given: Labelled): AngleStatistics {
  const centres = embeddingCentres(given)
  return {
    intra: meanOf(anglesToCentres(given, centres)),
    inter: meanOf(nearestAngles(centres, given.dim)),
  }
}

/**
 * W-EC and W-Inter of trained centres, class by class. Where a class has several (sub-centres), the one nearest to
 * its embeddings counts.
 */
export function centreStatistics(given: Labelled, weights: ArrayLike<number>): CentreStatistics {
  const { dim, classes } = given
  const centres = embeddingCentres(given)
  const unit = dominantCentres(centres, directionsOf(weights, dim), given)
  const apart = Float64Array.from({ length: classes }, (_, j) =>
    angleBetween(unit, j, centres, j, dim),
  )
  return { wEc: meanOf(apart), wInter: meanOf(nearestAngles(unit, dim)) }
}

/** Of each class's unit rows of `weights` the one nearest to its embeddings' centre: classes x dim. */
export function dominantCentres(
  centres: Float64Array,
  weights: Float64Array,
  { dim, classes }: Pick<Labelled, 'dim' | 'classes'>,
): Float64Array {
  const each = weights.length / centres.length
  const chosen = new Float64Array(classes * dim)
  for (let j = 0; j < classes; j++) {
    let best = j * each
    for (let row = best + 1; row < (j + 1) * each; row++)
      if (
        angleBetween(weights, row, centres, j, dim) < angleBetween(weights, best, centres, j, dim)
      )
        best = row
    chosen.set(weights.subarray(best * dim, (best + 1) * dim), j * dim)
  }
  return chosen
}

/** From each of the unit rows the smallest angle to another one. A product for every two of them. */
export function nearestAngles(unit: Float64Array, dim: number): Float64Array {
  const count = unit.length / dim
  const best = new Float64Array(count).fill(-Infinity)
  const nearest = new Int32Array(count)
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++) {
      let cosine = 0
      for (let i = 0; i < dim; i++) cosine += unit[a * dim + i]! * unit[b * dim + i]!
      if (cosine > best[a]!) [best[a], nearest[a]] = [cosine, b]
      if (cosine > best[b]!) [best[b], nearest[b]] = [cosine, a]
    }
  return Float64Array.from(nearest, (b, a) => angleBetween(unit, a, unit, b, dim))
}

/** By the chord, which keeps the digits of small angles that the cosine loses. */
export function angleBetween(
  a: Float64Array,
  rowA: number,
  b: Float64Array,
  rowB: number,
  dim: number,
): number {
  let minus = 0
  let plus = 0
  for (let i = 0; i < dim; i++) {
    const x = a[rowA * dim + i]!
    const y = b[rowB * dim + i]!
    minus += (x - y) ** 2
    plus += (x + y) ** 2
  }
  return 2 * Math.atan2(Math.sqrt(minus), Math.sqrt(plus))
}

export const meanOf = (values: Float64Array): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length
