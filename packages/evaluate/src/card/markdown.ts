/** Text as Markdown that shows it as it is: in a line or a cell of a table, no markup of its own. */
export const plain = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~$]/g, '\\$&')

export type Row = readonly [string, string]

/** A table; cells are Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Names and what they stand for, both plain; nothing for no rows. */
export const facts = (rows: readonly Row[]): string =>
  rows.length === 0
    ? ''
    : table(
        ['', ''],
        rows.map((cells) => cells.map(plain)),
      )

/** A heading with what follows it; nothing where nothing does. */
export function section(heading: string, ...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('\n\n')
  return text === '' ? '' : `${heading}\n\n${text}`
}

/** A link that no character of the address ends early. */
export const link = (text: string, url: string): string =>
  `[${plain(text)}](<${encodeURI(url).replaceAll('%25', '%')}>)`
