/** Number of each name: 0, 1, ... in the order in which they first stand there. */
export function numberNames(names: readonly string[]): Int32Array {
  const numbers = new Map<string, number>()
  return Int32Array.from(names, (name) => {
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    return number
  })
}

/** How many people such numbers may name: one more than the largest; negative ones are nobody. */
export const countPeople = (person: Int32Array): number =>
  1 + person.reduce((most, one) => Math.max(most, one), -1)

/**
 * People as far as pairs tell, where nothing else does (a verification `.bin`): rows joined by genuine
 * pairs, directly or by way of others, are one person, and a row of impostor pairs alone is a person
 * of its own. More people than there are, so that intervals come out rather too narrow.
 *
 * @param rows how many rows there are
 * @returns person of each row, 0, 1, ...
 */
export function identitiesFromPairs(
  rows: number,
  a: Int32Array,
  b: Int32Array,
  same: Uint8Array,
): Int32Array {
  const parent = Int32Array.from({ length: rows }, (_, row) => row)
  const root = (row: number) => {
    while (parent[row] !== row) {
      parent[row] = parent[parent[row]!]!
      row = parent[row]!
    }
    return row
  }
  same.forEach((label, p) => {
    if (label === 1) parent[root(a[p]!)] = root(b[p]!)
  })
  const numbers = new Int32Array(rows).fill(-1)
  let count = 0
  return Int32Array.from({ length: rows }, (_, row) => {
    const top = root(row)
    if (numbers[top]! < 0) numbers[top] = count++
    return numbers[top]!
  })
}
