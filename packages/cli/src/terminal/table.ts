import { printable } from './printable.js'

/** Two columns. */
export function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(26, ...rows.map(([name]) => printable(name).length + 2))
  return rows
    .map(([name, value]) => `${printable(name).padEnd(width)}${printable(value)}\n`)
    .join('')
}

/** Any number of columns, as wide as what is in them; the first row names them. */
export function columns(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable))
  const widths = shown[0]!.map((_, i) => Math.max(...shown.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return shown.map((row) => `${line(row)}\n`).join('')
}
