/** One of `world` parts of the classes: the `rank`-th. */
export interface Shard {
  rank: number
  world: number
}

export const WHOLE: Shard = { rank: 0, world: 1 }

/** Classes of a shard, as Partial FC deals them out (arcface_torch, partial_fc_v2.py): the first ones get the rest. */
export function classesOf({ rank, world }: Shard, classes: number) {
  const [least, rest] = [Math.floor(classes / world), classes % world]
  return { start: rank * least + Math.min(rank, rest), count: least + (rank < rest ? 1 : 0) }
}
