import { ops, scope, type Tensor, tensor, upload } from '@arcface/libtorch'

/**
 * The classes of a step of Partial FC (arXiv 2203.15565, section 3.2): all that `own` [N] names, and others at random
 * up to a share of `classes`. Ascending int64; entries of `own` below 0 name none.
 */
export function sampleClasses(own: Tensor, classes: number, share: number): Tensor {
  return scope(() => {
    const positives = [...new Set(own.toTypedArray() as BigInt64Array)].filter((one) => one >= 0n)
    const count = Math.max(positives.length, Math.round(share * classes), 1)
    const index = upload(tensor(BigInt64Array.from(positives), [positives.length]), own.device)
    // Above every random number, which are below 1.
    const drawn = ops.scatterValue(
      ops.rand([classes], 'float32', undefined, own.device),
      ...([0, index, 2] as const),
    )
    const [, chosen] = ops.topk(drawn, count)
    return ops.contiguous(ops.sort(chosen)[0])
  })
}
