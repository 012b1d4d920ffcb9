import type { OutputFile } from '../write/write.js'
import type { Sink } from './sink.js'

/** A line of JSON for each row, and one for the header where there is one. */
export function jsonLines(file: OutputFile, header?: object): Sink<object> {
  const write = (value: object) => file.write(`${JSON.stringify(value)}\n`)
  if (header) write(header)
  return {
    add: async (rows) => {
      for (const row of rows) write(row)
    },
    close: async () => {},
  }
}
