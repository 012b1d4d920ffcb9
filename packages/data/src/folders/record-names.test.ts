import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { writeRecords } from '../convert/write-records.js'
import { writeImageList } from '../lists/images.js'
import { writePairs } from '../pairs/pairs.js'
import { writePlainPairs } from '../pairs/plain.js'
import { RecordFile } from '../recordio/reader.js'
import { openRecords } from './open-records.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'names-'))
})

// Any bytes stand for an image here: nothing decodes them.
const image = (name: string) => ({ name, bytes: Buffer.from(`image of ${name}`) })
const people = (...names: string[]) => names.map((name) => ({ name, images: [image(name)] }))
const list = 'a\n2\t1.0\tMallory'

describe('a name with a tab or line break', () => {
  it('is refused by every writer of a list, and nothing is written', () => {
    const refused = expect.objectContaining({ code: 'DATA_LIST' })
    for (const bad of [list, 'a\tb', 'a\rb']) {
      expect(() => writeRecords(join(dir, 'x.rec'), people('b', bad))).toThrow(refused)
      expect(() => writePlainPairs(join(dir, 'x.txt'), [['a', bad, true]])).toThrow(refused)
      expect(() => writeImageList(join(dir, 'x.txt'), [{ path: bad }])).toThrow(refused)
      const one = { name: 'a', number: 1 }
      const folds = [[[one, one] as const, [one, { name: bad, number: 1 }] as const]]
      expect(() => writePairs(join(dir, 'x.txt'), folds)).toThrow(refused)
    }
    expect(readdirSync(dir)).toEqual([])
  })

  it('as that of a picture gives way to a number', () => {
    const folder = join(dir, 'a')
    mkdirSync(folder)
    const picture = join(folder, 'x\n1\t0.000000\tMallory')
    writeFileSync(picture, 'any bytes')
    writeRecords(join(dir, 'x.rec'), [{ name: 'a', images: [picture] }])
    expect(readFileSync(join(dir, 'x.lst'), 'utf8')).toBe('1\t0.000000\ta/0001.jpg\n')
  })

  it('from a writer that knew no better names nobody', () => {
    const path = join(dir, 'x.rec')
    writeRecords(path, people('a', 'b'))
    expect(openRecords(path).classes).toEqual(['a', 'b'])
    writeFileSync(join(dir, 'x.lst'), `1\t0.000000\t${list}/1.jpg\n2\t1.000000\tb/1.jpg\n`)
    const { classes, warnings } = openRecords(path)
    expect(classes).not.toContain('Mallory')
    expect(classes[1]).toBe('1')
    expect(warnings.join()).toMatch(/several names for 1 of its labels/)
  })
})

describe('records over older ones', () => {
  it('have no index or names of those where the work ends between two files', () => {
    const path = join(dir, 'x.rec')
    writeRecords(path, people('a', 'b', 'c'))
    // A folder in the place of the index: the records are in theirs when the work fails.
    const files = () =>
      readdirSync(dir)
        .filter((name) => name !== 'property')
        .sort()
    expect(files()).toEqual(['x.idx', 'x.lst', 'x.rec'])
    mkdirSync(join(dir, 'next.idx'))
    writeFileSync(join(dir, 'next.idx', 'keeps it'), '')
    writeFileSync(join(dir, 'next.lst'), '1\t0.0\tolder/1.jpg\n')
    expect(() => writeRecords(join(dir, 'next.rec'), people('a'))).toThrow(
      expect.objectContaining({ code: 'FILES_WRITE' }),
    )
    expect(files()).not.toContain('next.rec')
    writeRecords(path, people('d'))
    expect(openRecords(path).classes).toEqual(['d'])
    using file = new RecordFile(path)
    expect(file.count).toBe(3)
  })
})

describe('the property of a folder', () => {
  it('is replaced with its records, and left to those of others', () => {
    const property = join(dir, 'property')
    writeRecords(join(dir, 'x.rec'), people('a'))
    expect(readFileSync(property, 'utf8')).toBe('1,112,112\n')
    writeRecords(join(dir, 'x.rec'), people('a', 'b'))
    expect(readFileSync(property, 'utf8')).toBe('2,112,112\n')
    const warnings: string[] = []
    const onWarning = (message: string) => warnings.push(message)
    writeRecords(join(dir, 'y.rec'), people('a', 'b', 'c'), { onWarning })
    expect(readFileSync(property, 'utf8')).toBe('2,112,112\n')
    expect(warnings).toEqual([expect.stringMatching(/another data set/)])
  })

  it('is no file of another kind', () => {
    const property = join(dir, 'property')
    writeFileSync(property, 'my house\n')
    writeRecords(join(dir, 'x.rec'), people('a'))
    expect(readFileSync(property, 'utf8')).toBe('my house\n')
  })
})
