import { DataError } from '../errors.js'

/**
 * A name or path as a list holds it, which parts its fields by tabs and its entries by lines: with one of those in a
 * name, a list would say something else than its writer.
 * @throws DataError DATA_LIST
 */
export function listField(name: string): string {
  if (!/[\t\r\n]/.test(name)) return name
  throw new DataError(
    'DATA_LIST',
    `${JSON.stringify(name)}: rename it; a list parts names by tabs and line breaks.`,
  )
}
