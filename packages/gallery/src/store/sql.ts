/** Texts that one query asks for. */
const ASKED = 1000

/** A string of SQL. */
export const quote = (text: string) => `'${text.replaceAll("'", "''")}'`

export const isIn = (column: string, values: readonly string[]) =>
  `${column} IN (${values.map(quote).join(', ')})`

/** Conditions that together ask for all of these. */
export function* areIn(column: string, values: readonly string[]): Generator<string> {
  for (let i = 0; i < values.length; i += ASKED) yield isIn(column, values.slice(i, i + ASKED))
}

/** People or faces in all of these groups; '' for no groups. */
export const inGroups = (groups: readonly string[]) =>
  groups.map((one) => `array_has(groups, ${quote(one)})`).join(' AND ')

/** Rows whose text has this in it, in whatever case; '' for every text. */
export const hasText = (column: string, text: string) =>
  text === '' ? '' : `contains(lower(${column}), lower(${quote(text)}))`

/** Groups as a value; SQL has no empty list of texts. */
export const groupsValue = (groups: readonly string[]) =>
  groups.length === 0
    ? "array_remove(make_array(''), '')"
    : `make_array(${groups.map(quote).join(', ')})`

/** A value as SQL has it. */
export const valueSql = (value: unknown): string =>
  typeof value === 'string'
    ? quote(value)
    : Array.isArray(value)
      ? groupsValue(value)
      : value === null
        ? 'NULL'
        : `${value}`

/** What holds where all of these do; those that are empty say nothing. */
export const allOf = (...conditions: readonly string[]) =>
  conditions.filter((one) => one !== '').join(' AND ')
