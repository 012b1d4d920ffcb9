import { FilesError } from '../errors.js'
import { InputFile } from './read.js'

const CHUNK = 1 << 20
const LONGEST = 1 << 16
/** U+FEFF in UTF-8. */
const MARK = Buffer.from('\uFEFF')

/**
 * Calls `onLine` for every line that is not empty, without its end (`\n` or `\r\n`); lines count from 1. A byte order mark
 * (Excel, Notepad) is no part of the first. Memory: one chunk of 1 MiB, however long the file. Ends early where `onLine`
 * returns false.
 *
 * @throws FilesError FILES_READ; FILES_LINE for a line beyond 64 KiB; what `onLine` throws
 */
export function forEachLine(
  path: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: most callers return nothing
  onLine: (bytes: Buffer, start: number, end: number, line: number) => false | void,
): void {
  using file = new InputFile(path)
  let line = 0
  for (let position = 0; position < file.size; ) {
    const bytes = file.read(position, CHUNK)
    if (bytes.length === 0) break
    const isLast = position + bytes.length >= file.size
    let start = position === 0 && bytes.subarray(0, 3).equals(MARK) ? 3 : 0
    for (;;) {
      let end = bytes.indexOf(10, start)
      if (end < 0 && isLast && start < bytes.length) end = bytes.length
      if (end < 0) break
      line++
      const last = bytes[end - 1] === 13 && end > start ? end - 1 : end
      if (last - start > LONGEST) throw tooLong(path, line)
      if (last > start && onLine(bytes, start, last, line) === false) return
      start = end + 1
    }
    if (start === 0) throw tooLong(path, line + 1)
    position += Math.min(start, bytes.length)
  }
}

/** The first line that is not empty; '' where there is none. Reads no more than it must. @throws as `forEachLine` */
export function firstLine(path: string): string {
  let first = ''
  forEachLine(path, (bytes, start, end) => {
    first = bytes.toString('utf8', start, end)
    return false
  })
  return first
}

function tooLong(path: string, line: number): FilesError {
  return new FilesError(
    'FILES_LINE',
    `${path}, line ${line}: longer than ${LONGEST} bytes, so this is no list.`,
  )
}
