/** Of an option that may be given several times, a value each: one that took several would take what follows it too. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  value,
]
