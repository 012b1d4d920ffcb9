import { appendFileSync, closeSync, openSync } from 'node:fs'
import type { Sink } from './sink.js'

/** A line of JSON for each row, and one for the header where there is one. */
export function jsonLines(path: string, header?: object): Sink<object> {
  const file = openSync(path, 'w')
  const write = (value: object) => appendFileSync(file, `${JSON.stringify(value)}\n`)
  if (header) write(header)
  return {
    add: async (rows) => {
      for (const row of rows) write(row)
    },
    close: async () => closeSync(file),
  }
}
