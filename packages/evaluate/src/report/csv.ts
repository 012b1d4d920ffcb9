/** What Excel, LibreOffice and Google Sheets compute: = + - @, also in full width, and behind a tab or line break. */
const FORMULA = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/**
 * A text as a field of CSV (RFC 4180). One that a spreadsheet would take for a formula, a file's name say, gets an
 * apostrophe before it, which shows it as the text that it is. Numbers need none of this.
 */
export function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A file of CSV: a heading, then rows; texts are quoted, numbers stay numbers. */
export const csvText = (
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string => [heading, ...rows].map(csvLine).join('')

/** One line of it, with its end: for files that are longer than a string. */
export const csvLine = (row: readonly (string | number)[]): string =>
  `${row.map((value) => (typeof value === 'number' ? String(value) : csvField(value))).join(',')}\n`
