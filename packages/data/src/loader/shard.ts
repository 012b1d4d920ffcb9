import { DataError } from '../errors.js'
import { atLeast } from '../options.js'

/** One of `world` processes that share the batches of an epoch: the `rank`-th, from 0. */
export interface Shard {
  rank: number
  world: number
}

/** @throws DataError DATA_OPTION */
export function checkShard({ rank, world }: Shard): void {
  atLeast('world', world, 1)
  atLeast('rank', rank, 0)
  if (rank >= world)
    throw new DataError(
      'DATA_OPTION',
      `rank must be less than world, but it is ${rank} of ${world}: ranks count from 0.`,
    )
}

/**
 * The positions of the epoch's order that a rank shows in a step. A step of all ranks takes the next world x batchSize
 * positions, rank after rank, as one process with batches of that size would; what an epoch has left for its last
 * step is dealt out evenly.
 *
 * @param positions of the whole epoch
 */
export function shareOf(
  step: number,
  batchSize: number,
  positions: number,
  { rank, world }: Shard,
): { first: number; length: number } {
  const start = step * batchSize * world
  const all = Math.min(batchSize * world, positions - start)
  const first = Math.floor((all * rank) / world)
  return { first: start + first, length: Math.floor((all * (rank + 1)) / world) - first }
}
