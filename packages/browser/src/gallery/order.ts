interface Timed {
  readonly id: string
  readonly added: number
}

/** In the order in which they came, and of their ids where they came together. */
export const byTime = (a: Timed, b: Timed) => a.added - b.added || byCodePoint(a.id, b.id)

/** As Node's gallery sorts; `<` goes by halves of surrogate pairs. */
export function byCodePoint(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  // Of a pair whose first halves are equal the second ones decide; they are in order.
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1)
}
