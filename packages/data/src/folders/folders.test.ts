import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeRecords } from '../convert/write-records.js'
import { openFolders } from './folders.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-folders-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Files without any content: opening decodes nothing. */
function make(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), '')
  }
}

const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('openFolders', () => {
  it('makes every folder a class, ordered by code point', () => {
    // U+FF5E comes before U+1F600 by code point, and after it by UTF-16 unit.
    make('r/b/2.jpg', 'r/b/10.PNG', 'r/\u{1f600}/1.webp', 'r/\u{1f600}/2.webp')
    make('r/\uff5e/1.jpg', 'r/\uff5e/2.jpg', 'r/B/1.jpeg', 'r/B/2.jpg')
    const { classes, samples, ignored, warnings } = openFolders([join(dir, 'r')])
    expect(classes).toEqual(['B', 'b', '\uff5e', '\u{1f600}'])
    expect(samples.map(({ path, label }) => `${label} ${basename(path)}`)).toEqual([
      '0 1.jpeg',
      '0 2.jpg',
      '1 10.PNG',
      '1 2.jpg',
      '2 1.jpg',
      '2 2.jpg',
      '3 1.webp',
      '3 2.webp',
    ])
    expect(ignored).toEqual([])
    expect(warnings).toEqual([])
  })

  it('joins roots, and keeps people of the same name apart', () => {
    make('x/ann/1.jpg', 'x/ann/2.jpg', 'x/bob/1.jpg', 'x/bob/2.jpg')
    make('y/ann/1.jpg', 'y/ann/2.jpg', 'deep/y/ann/1.jpg', 'deep/y/ann/2.jpg')
    const [x, y, deep] = [join(dir, 'x'), join(dir, 'y'), join(dir, 'deep/y')]
    const joined = openFolders([y, x])
    expect(joined.classes).toEqual(['y/ann', 'x/ann', 'bob'])
    expect(joined.samples.map((s) => s.label)).toEqual([0, 0, 1, 1, 2, 2])
    expect(openFolders([y, deep]).classes).toEqual([`${y}/ann`, `${deep}/ann`])
    expect(() => openFolders([x, `${x}/`])).toThrow(coded('DATA_OPTION', /given twice/))
  })

  it('names and counts what is no image', () => {
    make('r/ann/1.jpg', 'r/ann/2.jpg', 'r/ann/notes.txt', 'r/list.csv')
    mkdirSync(join(dir, 'r/nobody'))
    mkdirSync(join(dir, 'r/ann/more.jpg'))
    execFileSync('mkfifo', [join(dir, 'r/ann/pipe.jpg')])
    symlinkSync(join(dir, 'nowhere'), join(dir, 'r/ann/broken.jpg'))
    symlinkSync(join(dir, 'r/ann/1.jpg'), join(dir, 'r/ann/link.jpg'))
    const { samples, ignored, warnings } = openFolders([join(dir, 'r')])
    expect(samples.map((s) => basename(s.path))).toEqual(['1.jpg', '2.jpg', 'link.jpg'])
    expect(ignored.map((path) => basename(path)).sort()).toEqual([
      'broken.jpg',
      'list.csv',
      'more.jpg',
      'nobody',
      'notes.txt',
      'pipe.jpg',
    ])
    expect(warnings).toEqual([expect.stringMatching(/^Left out, .* 1 more\.$/)])
  })

  it('leaves out what is hidden, people and images, and says so', () => {
    make('r/ann/1.jpg', 'r/ann/2.jpg', 'r/ann/._1.jpg', 'r/ann/.cache/1.jpg')
    make('r/.ipynb_checkpoints/1-checkpoint.jpg', 'r/.ipynb_checkpoints/2-checkpoint.jpg')
    make('r/__MACOSX/._1.jpg')
    const { classes, samples, warnings } = openFolders([join(dir, 'r')])
    expect(classes).toEqual(['ann'])
    expect(samples.map(({ path }) => basename(path))).toEqual(['1.jpg', '2.jpg'])
    for (const name of ['.ipynb_checkpoints', 'ann/._1.jpg', 'ann/.cache', '__MACOSX'])
      expect(warnings.join()).toContain(join(dir, 'r', name))
  })

  it('takes the .rec of a folder without people', () => {
    make('faces/lfw/deeper/ann/1.jpg', 'faces/property.txt')
    const folder = join(dir, 'faces')
    const bytes = Buffer.from('a picture')
    const images = ['1.jpg', '2.jpg'].map((name) => ({ name, bytes }))
    const people = ['bob', 'eve'].map((name) => ({ name, images }))
    writeRecords(join(folder, 'train.rec'), people)
    expect(openFolders([folder])).toEqual(openFolders([join(folder, 'train.rec')]))
    expect(openFolders([folder]).classes).toEqual(['bob', 'eve'])
    expect(() => openFolders([folder, join(folder, 'train.rec')])).toThrow(
      coded('DATA_OPTION', /given twice/),
    )
    make('faces/ann/1.jpg')
    expect(openFolders([folder]).classes).toEqual(['ann'])
  })

  it('warns of a person with one image, or stops', () => {
    make('r/ann/1.jpg', 'r/bob/1.jpg', 'r/bob/2.jpg')
    const root = join(dir, 'r')
    const { classes, warnings } = openFolders([root])
    expect(classes).toEqual(['ann', 'bob'])
    expect(warnings).toEqual([expect.stringMatching(/one image only: ann\./)])
    expect(() => openFolders([root], { onSingleImage: 'error' })).toThrow(
      coded('DATA_SINGLE_IMAGE', /ann/),
    )
  })

  it('says what to do about a missing, an empty and a flat folder', () => {
    make('flat/1.jpg', 'file')
    mkdirSync(join(dir, 'empty'))
    expect(() => openFolders([join(dir, 'none')])).toThrow(coded('DATA_FOLDER_MISSING', /none/))
    expect(() => openFolders([join(dir, 'file')])).toThrow(coded('DATA_FOLDER_MISSING', /file/))
    expect(() => openFolders([join(dir, 'empty')])).toThrow(coded('DATA_EMPTY_FOLDER', /empty/))
    expect(() => openFolders([join(dir, 'flat')])).toThrow(
      coded('DATA_EMPTY_FOLDER', /1\.jpg.*root\/person\/image\.jpg/),
    )
    expect(() => openFolders([])).toThrow(coded('DATA_OPTION', /at least one/))
  })
})
