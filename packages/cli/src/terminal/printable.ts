// Text from files, names and errors may hold what a terminal obeys (ECMA-48), or what turns or hides letters
// (Unicode UAX 9 and UTS 55). All that this program prints goes through here.

/** Controls, format characters (bidi, zero-width), halves of surrogate pairs, line separators, and what has no shape. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** As JSON would write it, so that JSON stays what it was. */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')

/** A name or another value as a person may see it: in one line, with nothing that a terminal obeys or does not show. */
export const printable = (value: unknown): string => String(value).replace(OBEYED, escaped)

/** A message, which may have been given several lines: those behind the first are indented, so that none looks like ours. */
export const printableMessage = (message: string): string =>
  message.split('\n').map(printable).join('\n  ')

/** Text of several lines and columns. */
const printableText = (text: string): string =>
  text.replace(OBEYED, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  )

/** Prints a result; values in it that come from outside go through `printable`, or a line break makes a line of them. */
export function writeOut(text: string): void {
  process.stdout.write(printableText(text))
}

/** Prints what is no result: progress, warnings, errors. */
export function writeErr(text: string): void {
  process.stderr.write(printableText(text))
}

/** Prints a warning, whatever it names. */
export const warn = (text: string): void => writeErr(`warning: ${printable(text)}\n`)

/** Draws over the line of a terminal; on stderr. */
export function redraw(line: string): void {
  process.stderr.write(`\r\x1b[K${printableText(line)}`)
}
