import { setImmediate } from 'node:timers/promises'

/** Milliseconds that work may take before others have their turn. */
const TURN = 10

/** For long work on the main thread, which everything else waits for: it is done in turns. */
export class Turns {
  private started = performance.now()

  /** Whether it is the others' turn. */
  get over(): boolean {
    return performance.now() - this.started > TURN
  }

  async next(): Promise<void> {
    await setImmediate()
    this.started = performance.now()
  }
}

/** Items that are sorted, or merged, before the clock is looked at. */
const SORTED = 4096

/** Sorts an array in place, as `array.sort(compare)` does, but in turns. */
export async function sortInTurns<T>(
  array: T[],
  compare: (a: T, b: T) => number,
  turns: Turns,
): Promise<void> {
  let runs: T[][] = []
  for (let at = 0; at < array.length; at += SORTED) {
    if (turns.over) await turns.next()
    runs.push(array.slice(at, at + SORTED).sort(compare))
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let r = 0; r < runs.length; r += 2)
      merged.push(await merge(runs[r]!, runs[r + 1] ?? [], compare, turns))
    runs = merged
  }
  for (const [i, item] of (runs[0] ?? []).entries()) array[i] = item
}

async function merge<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
  turns: Turns,
): Promise<T[]> {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (merged.length % SORTED === 0 && turns.over) await turns.next()
    // Equal items stay in their order.
    const first = j === b.length || (i < a.length && compare(a[i]!, b[j]!) <= 0)
    merged.push(first ? a[i++]! : b[j++]!)
  }
  return merged
}
