import type { ReportEvents } from '@arcface/evaluate/run'
import { printable, warn, writeErr } from '../terminal/printable.js'

export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`

/** What a reader must know of a TAR at a FAR that no impostor reached: that it stands for a smaller one. */
export const tooFew = ({ reachedFar }: { readonly reachedFar: number }): string =>
  reachedFar === 0 ? '; no impostor accepted, so perhaps too few for this FAR' : ''

/** Two columns. */
export function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(26, ...rows.map(([name]) => name.length + 2))
  return rows
    .map(([name, value]) => `${printable(name).padEnd(width)}${printable(value)}\n`)
    .join('')
}

/** Of an option that may be given several times, a value each: one that took several would take what follows it too. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  value,
]

/** Tells of a report that is written. */
export const reportEvents: ReportEvents = {
  onFile: (path) => writeErr(`${printable(path)}\n`),
  onWarning: warn,
}
