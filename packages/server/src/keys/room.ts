/**
 * Makes room for one more of a key's in what is held for all keys, in the order in which it came: the oldest go, first of
 * that key's, then of all.
 * @param isTheirs whether something is of that key @param limits how many of a key, and of all
 */
export function makeRoom<T>(
  held: Map<string, T>,
  isTheirs: (one: T) => boolean,
  limits: { readonly ofOne: number; readonly ofAll: number },
): void {
  const drop = (names: readonly string[], most: number) => {
    for (const name of names.slice(0, Math.max(0, names.length - most + 1))) held.delete(name)
  }
  const theirs = [...held].filter(([, one]) => isTheirs(one))
  drop(
    theirs.map(([name]) => name),
    limits.ofOne,
  )
  drop([...held.keys()], limits.ofAll)
}
