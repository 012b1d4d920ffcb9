import { noGrad, ops, type ProcessGroup, type Tensor, tensor } from '@arcface/libtorch'

/**
 * Embeddings [N, dim] and labels of all ranks, rank after rank, without the images of nobody in particular, whose label
 * is below 0: the same on every rank. The gradient of the embeddings comes back summed, times the number of ranks: the
 * Reducer takes the mean over the ranks of what must be their sum.
 */
export function gatherLabelled(
  group: ProcessGroup,
  embeddings: Tensor,
  labels: Tensor,
): [embeddings: Tensor, labels: Tensor] {
  const all = group.gatherRows(embeddings, group.worldSize)
  const given = noGrad(() => group.allGather(labels))
  const rows = [...(given.toTypedArray() as BigInt64Array).entries()].flatMap(([row, label]) =>
    label < 0n ? [] : [BigInt(row)],
  )
  if (rows.length === given.size) return [all, given]
  const index = ops.to(tensor(BigInt64Array.from(rows), [rows.length]), all.device, 'int64')
  return [ops.indexSelect(all, 0, index), ops.indexSelect(given, 0, index)]
}
