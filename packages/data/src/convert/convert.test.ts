import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolders } from '../folders/folders.js'
import { openRecords } from '../folders/open-records.js'
import { encodedImage } from '../images/source.js'
import { readPairs } from '../pairs/pairs.js'
import { readBin } from '../pairs/read-bin.js'
import { convertToBin, convertToRecords, writeFolders, writePairFolder } from './convert.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-convert-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('converting', () => {
  it('goes from a .rec to folders and back to the same bytes', () => {
    const records = openRecords(join(goldens, 'faces.rec'))
    const counts: number[] = []
    writeFolders(join(dir, 'folders'), records, { onProgress: (n) => counts.push(n) })
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7])
    const folders = openFolders([join(dir, 'folders')])
    expect(folders.classes).toEqual(records.classes)
    expect(folders.samples.map((s) => hex(encodedImage(s)))).toEqual(
      records.samples.map((s) => hex(encodedImage(s))),
    )
    expect(folders.samples[0]!.path).toMatch(/ann\/ann_0001\.png$/)
    convertToRecords(join(dir, 'faces.rec'), folders)
    for (const name of ['faces.rec', 'faces.idx', 'property'])
      expect(readFileSync(join(dir, name)).equals(readFileSync(join(goldens, name)))).toBe(true)
  })

  it('writes no name outside of the folder, whatever a list calls people', () => {
    const samples = [0, 1, 2, 3].map((label) => ({ path: join(goldens, 'property'), label }))
    const classes = ['../up', '..', '/abs', '_abs']
    writeFolders(join(dir, 'in'), { classes, samples, ignored: [], warnings: [] })
    expect(readdirSync(join(dir, 'in')).sort()).toEqual(['.._up', '_..', '_abs', '_abs_'])
    expect(readdirSync(dir)).toEqual(['in'])
  })

  it('cuts names that are longer than a name can be, and keeps people apart', () => {
    const samples = [0, 1, 2, 3].map((label) => ({ path: join(goldens, 'property'), label }))
    const classes = [250, 256, 257].map((bytes) => 'd'.repeat(bytes)).concat('ü'.repeat(128))
    writeFolders(join(dir, 'in'), { classes, samples, ignored: [], warnings: [] })
    const { classes: read, samples: images } = openFolders([join(dir, 'in')])
    expect(read).toHaveLength(4)
    expect(read).toContain(classes[0])
    for (const { path } of images)
      for (const name of path.split('/')) {
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        expect(name).not.toContain('\ufffd')
      }
  })

  it('goes from a .bin to a folder of pairs and back', () => {
    const bin = readBin(join(goldens, 'pairs-4.bin'), 1)
    // As many matched as mismatched pairs, which LFW's format wants.
    const even = { ...bin, same: Uint8Array.of(1, 0, 1, 0), folds: 2 }
    writePairFolder(join(dir, 'pairs'), even)
    const list = readPairs(join(dir, 'pairs/pairs.txt'), join(dir, 'pairs'))
    expect(list.folds).toBe(2)
    expect([...list.same]).toEqual([1, 0, 1, 0])
    convertToBin(join(dir, 'back.bin'), list)
    const back = readBin(join(dir, 'back.bin'))
    expect(back.images.map(({ bytes }) => hex(bytes))).toEqual(
      bin.images.map(({ bytes }) => hex(bytes)),
    )
    expect([...back.same]).toEqual([1, 0, 1, 0])
    expect(existsSync(join(dir, 'pairs/p000002b/p000002b_0001.jpg'))).toBe(true)
  })

  it('writes a plain list where the folds are uneven, which LFW cannot say', () => {
    const bin = readBin(join(goldens, 'pairs-4.bin'))
    const webp = Buffer.from('RIFF....WEBPVP8 ')
    const images = [{ name: 'first', bytes: webp }, ...bin.images.slice(1)]
    writePairFolder(join(dir, 'pairs'), { ...bin, images, same: Uint8Array.of(1, 1, 1, 0) })
    const list = readPairs(join(dir, 'pairs/pairs.txt'), join(dir, 'pairs'))
    expect([...list.same]).toEqual([1, 1, 1, 0])
    expect(list.images[0]).toBe(join(dir, 'pairs/p000001/p000001_0001.webp'))
    convertToBin(join(dir, 'back.bin'), list)
    expect(readBin(join(dir, 'back.bin')).images.map(({ bytes }) => hex(bytes))).toEqual(
      images.map(({ bytes }) => hex(bytes)),
    )
  })

  it('refuses a folder that is in use, and a missing image', () => {
    const records = openRecords(join(goldens, 'faces.rec'))
    const refusal = (code: string) => expect.objectContaining({ code })
    expect(() => writeFolders(goldens, records)).toThrow(refusal('FILES_WRITE'))
    expect(() => writeFolders(join(goldens, 'property'), records)).toThrow(refusal('FILES_WRITE'))
    const missing = { ...readBin(join(goldens, 'pairs-4.bin')), images: Array(8).fill('none.jpg') }
    expect(() => convertToBin(join(dir, 'x.bin'), missing)).toThrow(refusal('FILES_READ'))
    expect(readdirSync(dir)).toEqual([])
  })
})
