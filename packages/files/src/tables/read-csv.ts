import { FilesError } from '../errors.js'
import { readText } from '../read/regular.js'

/** What may part the fields: by which of them a file does, its first line says. */
const SEPARATORS = [',', ';', '\t'] as const

/**
 * The rows of a file of CSV (RFC 4180; fields parted by commas, semicolons or tabs) below its first, which names the
 * columns. Empty lines are passed over; lines count from 1.
 * @throws FilesError FILES_READ; FILES_TABLE where a name stands twice or nowhere, a row has more or fewer fields than the
 *   first, or a quotation mark is not closed
 */
export function* readCsv(
  path: string,
): Generator<{ readonly line: number; readonly values: Readonly<Record<string, string>> }> {
  const refuse = (line: number, why: string) =>
    new FilesError('FILES_TABLE', `${path}: line ${line}: ${why}`)
  let names: readonly string[] | undefined
  for (const { line, fields, open } of rowsOf(readText(path))) {
    if (open) throw refuse(line, 'a quotation mark is not closed')
    if (names === undefined) {
      names = fields.map((name) => name.trim())
      const twice = names.find((name, i) => name === '' || names!.indexOf(name) !== i)
      if (twice !== undefined)
        throw refuse(line, twice === '' ? 'a column has no name' : `two columns are named ${twice}`)
      continue
    }
    if (fields.length !== names.length)
      throw refuse(line, `${fields.length} fields, but the first line names ${names.length}`)
    yield { line, values: Object.fromEntries(names.map((name, i) => [name, fields[i]!.trim()])) }
  }
}

interface Row {
  readonly line: number
  readonly fields: string[]
  /** Ends within quotation marks. */
  readonly open: boolean
}

function* rowsOf(text: string): Generator<Row> {
  const separator = separatorOf(text)
  const special = new RegExp(`[${separator}\\r\\n]`, 'g')
  let [at, line] = [0, 1]
  while (at < text.length) {
    const fields: string[] = []
    const first = line
    for (;;) {
      let field = ''
      if (text[at] === '"') {
        const end = closingQuote(text, at + 1)
        field = text.slice(at + 1, end).replaceAll('""', '"')
        line += field.split('\n').length - 1
        if (end === text.length) {
          yield { line: first, fields, open: true }
          return
        }
        at = end + 1
      }
      special.lastIndex = at
      const next = special.exec(text)?.index ?? text.length
      // What stands behind a closing quotation mark belongs to the field, as spreadsheets have it.
      fields.push(field + text.slice(at, next))
      at = next + 1
      if (text[next] === separator) continue
      if (text[next] === '\r' && text[at] === '\n') at++
      line++
      break
    }
    if (fields.length > 1 || fields[0] !== '') yield { line: first, fields, open: false }
  }
}

/** Where the quotation mark is that closes: two stand for one of the text. */
function closingQuote(text: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    if (text[at + 1] !== '"') return at
  }
}

/** The one that stands most often in the first line that is not empty, outside of quotation marks. */
function separatorOf(text: string): string {
  const head = (/[^\r\n]+/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '')
  const count = (separator: string) => head.split(separator).length
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best))
}
