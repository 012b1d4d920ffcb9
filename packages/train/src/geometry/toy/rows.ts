import { directionsOf } from '../angles/statistics.js'
import type { ToyRun } from './run.js'
import type { ToyFrame } from './train.js'

/** Where features and centres point at one frame, row-major, each row of length 1. */
export interface ToyDirections {
  /** Of the rows asked for, in their order. */
  points: Float64Array
  /** Of every identity; null for a loss without centres. */
  centres: Float64Array | null
}

/** Rows of the first patterns of each identity, identity after identity. */
export function firstRows(
  { labels, identities }: Pick<ToyRun, 'labels' | 'identities'>,
  perIdentity: number,
): number[] {
  return Array.from({ length: identities }, (_, j) =>
    [...labels.keys()].filter((i) => labels[i] === j).slice(0, perIdentity),
  ).flat()
}

/** The directions of `rows` and of the centres at `frame`. */
export function directionsAt(
  { features, centres }: ToyFrame,
  rows: readonly number[],
  dim: number,
): ToyDirections {
  const shown = Float32Array.from(
    rows.flatMap((i) => [...features.subarray(i * dim, (i + 1) * dim)]),
  )
  return { points: directionsOf(shown, dim), centres: centres && directionsOf(centres, dim) }
}
