import { noGrad, ops, scope, type Tensor } from '@arcface/libtorch'
import { classesOf, type Shard } from '../losses/shard.js'

/** What the rows of are classes: the centres, and what an optimizer keeps for them. */
export const isByClass = (name: string): boolean => /^(head\.)?weight(\.(?!step$)\w+)?$/.test(name)

/**
 * Puts together what `world` ranks saved, and takes out what `shard` wants: rows of the tensors that `isByClass` names,
 * everything else from the first part. Copies nothing but the rows that it puts together.
 * @param parts in the order of their ranks
 */
export function reshard(
  parts: readonly ReadonlyMap<string, Tensor>[],
  shard: Shard,
  classes: number,
): Map<string, Tensor> {
  return noGrad(() =>
    scope(() => {
      const made = new Map<string, Tensor>()
      for (const [name, first] of parts[0] ?? []) {
        if (!isByClass(name)) {
          made.set(name, first)
          continue
        }
        const all =
          parts.length === 1 ? first : ops.cat(parts.flatMap((part) => part.get(name) ?? []))
        // Sub-centers: several rows a class.
        const perClass = Math.max(1, Math.round(all.shape[0]! / classes))
        const { start, count } = classesOf(shard, classes)
        const rows = Math.min(count * perClass, Math.max(0, all.shape[0]! - start * perClass))
        made.set(name, ops.narrow(all, 0, start * perClass, rows))
      }
      return made
    }),
  )
}
