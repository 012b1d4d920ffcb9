import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeRecords } from '../convert/write-records.js'
import { NOBODY } from './sample.js'
import { openUnlabelled } from './unlabelled.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-unlabelled-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Files without any content: opening decodes nothing. */
function make(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), '')
  }
}

const at = (...names: string[]) => names.map((name) => join(dir, name))
const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('openUnlabelled', () => {
  it('takes all images below its folders, flat or nested, root by root', () => {
    make('flat/2.jpg', 'flat/10.png', 'deep/x/y/1.jpg', 'deep/x/2.jpg', 'deep/a.jpg')
    const { samples, ignored, warnings } = openUnlabelled(at('flat', 'deep'))
    expect(samples.map(({ path }) => relative(dir, path))).toEqual([
      'flat/10.png',
      'flat/2.jpg',
      'deep/a.jpg',
      'deep/x/2.jpg',
      'deep/x/y/1.jpg',
    ])
    expect(new Set(samples.map(({ label }) => label))).toEqual(new Set([NOBODY]))
    expect([ignored, warnings]).toEqual([[], []])
  })

  it('leaves out what is hidden or no image, and says so', () => {
    make('r/1.jpg', 'r/notes.txt', 'r/._1.jpg', 'r/.thumbs/1.jpg')
    const { samples, ignored, warnings } = openUnlabelled(at('r'))
    expect(samples).toHaveLength(1)
    expect(ignored).toEqual(at('r/._1.jpg', 'r/.thumbs', 'r/notes.txt'))
    expect(warnings).toEqual([expect.stringMatching(/^Left out.*notes\.txt/)])
  })

  it('ends where links go round, and takes a folder once', () => {
    make('r/a/1.jpg', 'r/b/2.jpg')
    symlinkSync(join(dir, 'r'), join(dir, 'r/a/again'))
    symlinkSync(join(dir, 'r/b'), join(dir, 'r/c'))
    expect(openUnlabelled(at('r')).samples.map(({ path }) => relative(dir, path))).toEqual([
      'r/a/1.jpg',
      'r/b/2.jpg',
    ])
    for (const roots of [at('r', 'r/b'), at('r', 'r')])
      expect(() => openUnlabelled(roots)).toThrow(coded('DATA_OPTION', /given twice/))
  })

  it('takes the records of a .rec, whoever they show', () => {
    make('r/ann/1.jpg', 'r/ann/2.jpg', 'r/bob/1.jpg')
    for (const [i, path] of at('r/ann/1.jpg', 'r/ann/2.jpg', 'r/bob/1.jpg').entries())
      writeFileSync(path, Buffer.from([0xff, 0xd8, 0xff, i]))
    writeRecords(join(dir, 'train.rec'), [
      { name: 'ann', images: at('r/ann/1.jpg', 'r/ann/2.jpg') },
      { name: 'bob', images: at('r/bob/1.jpg') },
    ])
    const { samples } = openUnlabelled(at('train.rec'))
    expect(samples.map(({ label }) => label)).toEqual([NOBODY, NOBODY, NOBODY])
    expect(samples.every(({ offset }) => offset !== undefined)).toBe(true)
  })

  it('refuses a folder that is not there or holds no image', () => {
    make('empty/sub/notes.txt')
    expect(() => openUnlabelled(at('empty'))).toThrow(coded('DATA_EMPTY_FOLDER', /no image/))
    expect(() => openUnlabelled(at('none'))).toThrow(coded('DATA_FOLDER_MISSING', /none/))
  })
})
