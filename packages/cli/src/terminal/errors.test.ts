import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError } from '@arcface/data'
import { describe, expect, it } from 'vitest'
import { tellError } from './errors.js'
import { typed } from './hints.js'

/** What is said of an error. */
function told(error: unknown): string {
  const pieces: string[] = []
  const { write } = process.stderr
  process.stderr.write = (piece: unknown) => pieces.push(String(piece)) > 0
  try {
    tellError(error)
  } finally {
    process.stderr.write = write
  }
  return pieces.join('')
}

describe('tellError', () => {
  it('says code, message, and what to do in the words of the command line', () => {
    const hint = 'Scale it down first, or allow more pixels with `maxPixels`.'
    const said = 'Scale it down first, or allow more pixels with --max-pixels.\n'
    expect(told(new DataError('DATA_IMAGE_SIZE', 'a.png is large', { hint }))).toBe(
      `error DATA_IMAGE_SIZE: a.png is large. ${said}`,
    )
    expect(told(new DataError('DATA_IMAGE_SIZE', 'a.png is large.', { hint }))).toBe(
      `error DATA_IMAGE_SIZE: a.png is large. ${said}`,
    )
    expect(told(new DataError('DATA_IMAGE_SIZE', 'a.png\nis large', { hint }))).toBe(
      `error DATA_IMAGE_SIZE: a.png\n  is large\n  ${said}`,
    )
    expect(told(new DataError('DATA_IMAGE_SIZE', 'a.png is large'))).toBe(
      'error DATA_IMAGE_SIZE: a.png is large\n',
    )
  })

  it('names the code of the file system once, and shows the stack of what nobody foresaw', () => {
    const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })
    expect(told(missing)).toBe('error ENOENT: no such file\n')
    expect(told(new TypeError('x is not a function'))).toMatch(
      /^unexpected error: TypeError: x is not a function\n\s+at /,
    )
  })
})

describe('typed', () => {
  it.each([
    ["Bring it: `pullPack(findPack('buffalo_l'))`", 'Bring it: arcface models pull buffalo_l'],
    [
      'first `checkGallery`, then `exportReadable`',
      'first arcface gallery check, then arcface gallery export --readable',
    ],
    [
      'Give a network of 68 points as `landmarks`, or take a detector with points of its own: YuNet or SCRFD.',
      'Take another pack, or a detector with points of its own: YuNet or SCRFD.',
    ],
    ['Take face.onnx.json away.', 'Take face.onnx.json away.'],
  ])('%s', (hint, said) => {
    expect(typed(hint)).toBe(said)
  })
})

describe('the rooms', () => {
  const packages = fileURLToPath(new URL('../../../', import.meta.url))
  // What goes wrong in a page is read by who makes the page: it never comes to the command line.
  const rooms = readdirSync(packages).filter(
    (room) => !['cli', 'testing', 'browser', 'studio'].includes(room),
  )
  /** Lines of code, without comments. */
  const lines = rooms.flatMap((room) =>
    readdirSync(join(packages, room, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !/generated|testing/.test(file))
      .flatMap((file) =>
        readFileSync(join(packages, room, 'src', file), 'utf8')
          .split('\n')
          .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
          .map((line) => ({ place: `${room}/src/${file}`, line })),
      ),
  )

  it('call nothing in a hint that is not known here', () => {
    const names = /`[a-z]\w*(\(.+?\))?`/
    const hints = lines
      .filter(({ line }) => /hint:/.test(line))
      .map(({ line }) => line.replaceAll('\\`', '`'))
    expect(hints.filter((hint) => names.test(hint)).length).toBeGreaterThan(10)
    expect(hints.map(typed).filter((hint) => names.test(hint))).toEqual([])
  })

  it('do not speak of commands and their flags', () => {
    const pages = ['train/src/report/report.ts', 'train/src/geometry/toy/page.ts']
    const speaking = lines.filter(
      ({ place, line }) =>
        !pages.includes(place) &&
        // Commands of this program are what a server's tasks are.
        !place.startsWith('server/src/tasks/kinds/') &&
        /\barcface (data|detect|embed|enroll|evaluate|export|gallery|identify|models|prepare|setup|train|verify)\b|[ '"`(]--(max-pixels|from|mean|far|model|readable|allow-\w+|accept-\w+)\b/.test(
          line,
        ),
    )
    expect(speaking).toEqual([])
  })
})
