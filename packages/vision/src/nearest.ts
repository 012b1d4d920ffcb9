/** The known name that a typo most likely meant, or undefined if none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((one) => ({ one, distance: editDistance(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(2, name.length / 3) ? best.one : undefined
}

/** `; did you mean x?`, or the list of what is known. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known)
  if (near) return `; did you mean ${near}?`
  return known.length > 0 ? `; known here: ${known.join(', ')}` : '; none is known here'
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length]!
}
