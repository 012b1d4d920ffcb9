import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { ijbKind } from './kind.js'
import {
  listedFiles,
  readLandmarks,
  readSubjects,
  readTemplateMedia,
  readTemplatePairs,
} from './lists.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-ijb-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const place = (text: string) => {
  const path = join(dir, 'list.txt')
  writeFileSync(path, text)
  return path
}
const refuses = (
  read: (path: string) => unknown,
  text: string,
  message: RegExp,
  code = 'DATA_LIST',
) =>
  expect(() => read(place(text))).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  )

describe('the lists of IJB', () => {
  it('are read: templates and media, pairs, subjects, landmarks', () => {
    expect(readTemplateMedia(place('1.jpg 10 7\r\n2.jpg 10 8\n\n3.jpg 4 2147483647'))).toEqual({
      names: ['1.jpg', '2.jpg', '3.jpg'],
      templates: Int32Array.of(10, 10, 4),
      media: Int32Array.of(7, 8, 2147483647),
    })
    expect(readTemplatePairs(place('1 2 1\n3 4 0\n'))).toEqual({
      a: Int32Array.of(1, 3),
      b: Int32Array.of(2, 4),
      same: Uint8Array.of(1, 0),
    })
    const csv = 'TEMPLATE_ID,SUBJECT_ID,FILENAME\n5,9,img/1.jpg\n6,8,img/2.png\n'
    const subjects = { templates: Int32Array.of(5, 6), subjects: Int32Array.of(9, 8) }
    expect(readSubjects(place(csv))).toEqual(subjects)
    expect(readSubjects(place('5,9\n6,8\n'))).toEqual(subjects)
    expect(readLandmarks(place('1.jpg 1 2 3 4 5 6 7 8 9.5 -10 0.75\n'))).toEqual({
      names: ['1.jpg'],
      points: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9.5, -10),
      scores: Float32Array.of(0.75),
    })
  })

  it('name the line that cannot be read', () => {
    refuses(readTemplateMedia, '1.jpg 1 2\n2.jpg 1\n', /list\.txt, line 2: expected "name template/)
    refuses(readTemplateMedia, '1.jpg 1 2 3\n', /line 1/)
    refuses(readTemplatePairs, '1 2 1\n1 x 0\n', /line 2/)
    refuses(readTemplatePairs, '1 2 2\n', /line 1/)
    refuses(readTemplatePairs, '1 99999999999 1\n', /line 1/)
    refuses(readSubjects, 'TEMPLATE_ID,SUBJECT_ID\n1,\n', /line 2/)
    // A heading has no number: this is a template that cannot be read, and so would not be enrolled.
    refuses(readSubjects, 'x1,1\n2,2\n', /line 1/)
    refuses(readSubjects, '"1","1"\n2,2\n', /line 1/)
    refuses(readSubjects, '1,1\n2,2\n1,3\n', /line 3: template 1 is subject 3, but further up 1/)
    refuses(readLandmarks, '1.jpg 1 2 3 4 5 6 7 8 9 ten 1\n', /line 1/)
    refuses(readTemplatePairs, '', /empty/)
    refuses(readTemplateMedia, '', /empty/)
    refuses(readTemplatePairs, 'x'.repeat(3 << 20), /longer than/, 'FILES_LINE')
    expect(() => readTemplatePairs(join(dir, 'none'))).toThrow(
      expect.objectContaining({ code: 'FILES_READ' }),
    )
  })

  it('are refused with all images that are not there', () => {
    writeFileSync(join(dir, 'a.jpg'), '')
    expect(listedFiles('m.txt', ['a.jpg', 'a.jpg'], dir)).toEqual([join(dir, 'a.jpg')])
    const names = ['a.jpg', ...Array.from({ length: 9 }, (_, i) => `${i}.jpg`)]
    expect(() => listedFiles('m.txt', names, dir)).toThrow(
      expect.objectContaining({
        code: 'DATA_PAIRS_IMAGE',
        message: expect.stringMatching(
          /^m\.txt: \S+0\.jpg is not there; 9 images .*4\.jpg, \.\.\./,
        ),
      }),
    )
  })

  it('of two million lines are read over chunks, in little more memory than their arrays', () => {
    const path = join(dir, 'many.txt')
    const file = openSync(path, 'w')
    const n = 2_000_000
    for (let start = 0; start < n; start += 50_000) {
      const lines = Array.from({ length: 50_000 }, (_, i) => {
        const row = start + i
        return `${row} ${(row * 7) % 1_000_003} ${row % 3 === 0 ? 1 : 0}\n`
      })
      writeSync(file, lines.join(''))
    }
    closeSync(file)
    const { a, b, same } = readTemplatePairs(path)
    expect(a.length).toBe(n)
    let wrong = 0
    for (let row = 0; row < n; row++)
      if (a[row] !== row || b[row] !== (row * 7) % 1_000_003 || same[row] !== Number(row % 3 === 0))
        wrong++
    expect(wrong).toBe(0)
  })

  it.each([
    ['1.jpg 10 7', 'media'],
    ['img/1.jpg\t10\t1', 'media'],
    ['10 11 1', 'pairs'],
    ['1.jpg 1 2 3 4 5 6 7 8 9.5 -10 0.75', 'landmarks'],
    ['TEMPLATE_ID,SUBJECT_ID,FILENAME', 'subjects'],
    ['5,9', 'subjects'],
    // Pairs of images, plain and LFW's.
    ['ann/1.jpg ann/2.jpg 1', null],
    ['a.jpg,b.jpg,0', null],
    ['10\t300', null],
    ['', null],
  ])('are known by their first line: %s', (line, kind) => {
    expect(ijbKind(place(`${line}\n`))).toBe(kind)
  })

  it('survive any text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789 ,\t\r\nax.-'), maxLength: 60 })
    for (const read of [readTemplateMedia, readTemplatePairs, readSubjects, readLandmarks, ijbKind])
      fc.assert(
        fc.property(text, (any) => {
          try {
            read(place(any))
          } catch (error) {
            if (!(error instanceof DataError)) throw error
          }
        }),
        { numRuns: 500 },
      )
  })
})
