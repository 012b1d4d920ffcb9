import type { Tensor } from '@arcface/libtorch'

type Named = ReadonlyMap<string, Tensor>

/**
 * Takes off what stands before the names: `module.`, `_orig_mod.`, `model.backbone.`, ... Of all beginnings that bring a
 * name to one of `own` it is the one that brings the most to tensors of their shape. Names without it stay.
 */
export function withoutPrefix(given: Named, own: Named): Map<string, Tensor> {
  const fits = new Map<string, number>([['', 0]])
  for (const [name, { shape }] of given)
    for (const rest of endingsOf(name)) {
      if (own.get(rest)?.shape.join() !== shape.join()) continue
      const prefix = name.slice(0, name.length - rest.length)
      fits.set(prefix, (fits.get(prefix) ?? 0) + 1)
    }
  const [prefix] = [...fits].reduce((best, one) => (one[1] > best[1] ? one : best))
  const isMeant = ([name]: [string, Tensor]) => name.startsWith(prefix)
  return new Map([
    ...[...given].filter((one) => !isMeant(one)),
    ...[...given]
      .filter(isMeant)
      .map(([name, value]) => [name.slice(prefix.length), value] as const),
  ])
}

/** `a.b.c`, `b.c`, `c`. */
function* endingsOf(name: string): Generator<string> {
  for (let at = 0; ; at++) {
    yield name.slice(at)
    at = name.indexOf('.', at)
    if (at < 0) return
  }
}
