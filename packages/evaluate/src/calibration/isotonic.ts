import type { Curve } from './curve.js'
import type { Support, Weighed } from './scores.js'

/** Pairs of neighbouring cosines. */
export interface Block {
  /** Smallest and largest cosine. */
  readonly from: number
  readonly to: number
  /** Share of all genuine pairs that lie in it, and of all impostor pairs. */
  readonly genuine: number
  readonly impostor: number
}

/**
 * Pool adjacent violators (Ayer et al. 1955): joins neighbours until the likelihood ratio rises from block to block. The
 * result is the monotone function of the cosine that fits best, by Cllr as by any other proper cost.
 */
export function pool(blocks: Iterable<Block>): Block[] {
  const pooled: Block[] = []
  for (let block of blocks) {
    for (
      let last = pooled.at(-1);
      last && last.genuine * block.impostor >= block.genuine * last.impostor;
      last = pooled.at(-1)
    ) {
      pooled.pop()
      block = {
        from: last.from,
        to: block.to,
        genuine: last.genuine + block.genuine,
        impostor: last.impostor + block.impostor,
      }
    }
    pooled.push(block)
  }
  return pooled
}

/** A block for each cosine, ascending. */
export function* blocksOf({ cosine, same, weight }: Weighed): Generator<Block> {
  for (let p = 0; p < cosine.length; ) {
    const at = cosine[p]!
    const shares = [0, 0]
    for (; p < cosine.length && cosine[p] === at; p++) shares[same[p]!]! += weight[p]!
    yield { from: at, to: at, genuine: shares[1]!, impostor: shares[0]! }
  }
}

/** Cllr of the monotone function of the cosine that suits these very pairs best: what is left is for the embedder to do. */
export function minCllrOf(scores: Weighed): number {
  let sum = 0
  for (const { genuine, impostor } of pool(blocksOf(scores))) {
    if (genuine > 0) sum += genuine * Math.log2(1 + impostor / genuine)
    if (impostor > 0) sum += impostor * Math.log2(1 + genuine / impostor)
  }
  return sum / 2
}

/**
 * The logarithmic likelihood ratio as steps. At either end one person and one couple of people more are counted than
 * there are (the rule of succession, as in the BOSARIS toolkit, opt_loglr.m): nothing is certain that was merely never seen.
 */
export function fitIsotonic(scores: Weighed, { people, couples }: Support): Curve {
  const unseen = { genuine: 1 / people, impostor: 1 / couples }
  const [first, last] = [scores.cosine[0]!, scores.cosine.at(-1)!]
  const blocks = pool([
    { from: first, to: first, ...unseen },
    ...blocksOf(scores),
    { from: last, to: last, ...unseen },
  ])
  const all = Math.log((1 + 2 * unseen.impostor) / (1 + 2 * unseen.genuine))
  return blocks.flatMap(({ from, to, genuine, impostor }): Curve => {
    const llr = Math.log(genuine / impostor) + all
    return from === to
      ? [[from, llr]]
      : [
          [from, llr],
          [to, llr],
        ]
  })
}
