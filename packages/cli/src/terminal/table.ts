import { printable } from './printable.js'

/** Two columns. */
export function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(26, ...rows.map(([name]) => name.length + 2))
  return rows
    .map(([name, value]) => `${printable(name).padEnd(width)}${printable(value)}\n`)
    .join('')
}
