/** Runs over each other: all steps of any, and of each its values there; null where it has none. */
export function overlaid(
  runs: readonly { step: readonly number[]; values: readonly (number | null)[] | null }[],
): { step: number[]; values: (number | null)[][] } {
  const step = [...new Set(runs.flatMap(({ step, values }) => (values ? step : [])))].sort(
    (a, b) => a - b,
  )
  const place = new Map(step.map((one, i) => [one, i]))
  const values = runs.map(({ step: own, values }) => {
    const all = new Array<number | null>(step.length).fill(null)
    if (values) for (const [i, one] of own.entries()) all[place.get(one)!] = values[i] ?? null
    return all
  })
  return { step, values }
}
