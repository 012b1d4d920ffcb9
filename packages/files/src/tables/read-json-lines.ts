import { FilesError } from '../errors.js'
import { streamRegular } from '../read/regular.js'

/** Bytes; no row has as many, and a file without line ends must not fill the memory. */
const LONGEST = 2 ** 26

/**
 * The values of a file that has one of JSON in each line; lines count from 1.
 * @throws FilesError FILES_TABLE for a line that is no JSON; FILES_LINE for one beyond 64 MiB; FILES_READ
 */
export async function* readJsonLines(
  path: string,
): AsyncGenerator<{ readonly line: number; readonly value: unknown }> {
  let line = 1
  /** What has come of the line. */
  let parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    parts.push(part)
    length += part.length
    if (length > LONGEST)
      throw new FilesError('FILES_LINE', `${path}: line ${line} is longer than ${LONGEST} bytes.`)
  }
  const end = () => {
    const value = { line, value: parse(Buffer.concat(parts).toString(), path, line) }
    parts = []
    length = 0
    line++
    return value
  }
  for await (const chunk of streamRegular(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, at))
      yield end()
      start = at + 1
    }
    add(chunk.subarray(start))
  }
  if (length > 0) yield end()
}

function parse(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FilesError('FILES_TABLE', `${path}: line ${line}: no JSON`, { cause })
  }
}
