/** Texts in the order of code points, as databases sort them; `<` goes by halves of surrogate pairs. */
export function byCodePoint(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  // Of a pair whose first halves are equal the second ones decide; they are in order.
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1)
}
