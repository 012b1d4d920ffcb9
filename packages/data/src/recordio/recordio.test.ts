import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IMAGE_BYTES } from '@arcface/vision'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeRecords } from '../convert/write-records.js'
import { DataError } from '../errors.js'
import { openFolders } from '../folders/folders.js'
import { openRecords } from '../folders/open-records.js'
import { decodeImage } from '../images/decode.js'
import { encodedImage } from '../images/source.js'
import { Loader } from '../loader/loader.js'
import { RecordFile } from './reader.js'
import { decodeRecord, encodeRecord, packImage, unpackImage } from './record.js'
import { RecordWriter } from './writer.js'

const goldens = fileURLToPath(new URL('../../goldens/generated', import.meta.url))
const facts = JSON.parse(readFileSync(join(goldens, 'formats.json'), 'utf8')) as {
  people: { name: string; images: string[] }[]
  parts: string[]
}
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-records-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** The golden data set under another place, with only some of its files. */
function copy(...extensions: string[]): string {
  for (const extension of extensions)
    copyFileSync(join(goldens, `faces.${extension}`), join(dir, `faces.${extension}`))
  return join(dir, 'faces.rec')
}

const coded = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('openRecords', () => {
  const described = (path: string) => {
    const { classes, samples } = openRecords(path)
    return classes.map((name, label) => ({
      name,
      images: samples.filter((s) => s.label === label).map((s) => sha(encodedImage(s))),
    }))
  }

  it('finds the people that Python wrote: with index and list, and with neither', () => {
    expect(described(copy('rec', 'idx', 'lst'))).toEqual(facts.people)
    expect(described(dir)).toEqual(facts.people) // the folder
    const numbered = facts.people.map(({ images }, label) => ({ name: String(label), images }))
    rmSync(join(dir, 'faces.lst'))
    expect(described(dir)).toEqual(numbered)
    rmSync(join(dir, 'faces.idx'))
    expect(described(dir)).toEqual(numbered)
    writeFileSync(join(dir, 'faces.lst'), '1\t/data/zoe/1.jpg\t0\n1\t/data/max/1.jpg\t1\n')
    expect(openRecords(dir).classes).toEqual(['zoe', 'max', '2']) // InsightFace's lists
  })

  it('reads labels from the images where the records of identities do not fit', () => {
    using writer = new RecordWriter(join(dir, 'odd.rec'))
    for (const [key, label] of [
      [1, 4],
      [2, 2],
      [3, 4],
    ] as const)
      writer.add(key, packImage([label, 1], key, Buffer.from('image')))
    writer.add(0, packImage([4, 5], 0, Buffer.alloc(0)))
    writer.add(4, packImage([1, 900], 4, Buffer.alloc(0)))
    writer.commit()
    const { classes, samples, warnings } = openRecords(join(dir, 'odd.rec'))
    expect(classes).toEqual(['2', '4'])
    expect(samples.map((s) => s.label)).toEqual([0, 1, 1])
    expect(warnings).toContainEqual(expect.stringMatching(/do not fit/))
  })

  it('does not let every identity have every image', () => {
    const path = join(dir, 'all.rec')
    using writer = new RecordWriter(path)
    const n = 3000
    for (let key = 1; key <= n; key++)
      writer.add(key, packImage(key % 2, key, Buffer.from('image')))
    writer.add(0, packImage([n + 1, 2 * n + 1], 0, Buffer.alloc(0)))
    for (let key = n + 1; key <= 2 * n; key++)
      writer.add(key, packImage([1, n + 1], key, Buffer.alloc(0)))
    writer.commit()
    const { classes, samples, warnings } = openRecords(path)
    expect([classes, samples.length]).toEqual([['0', '1'], n])
    expect(warnings).toEqual([expect.stringMatching(/do not fit/)])
  })

  it('joins with folders, and keeps people of the same name apart', () => {
    const path = copy('rec', 'idx', 'lst')
    mkdirSync(join(dir, 'more/bob'), { recursive: true })
    writeFileSync(join(dir, 'more/bob/1.jpg'), '')
    const { classes, samples } = openFolders([join(dir, 'more'), path])
    expect(classes).toEqual(['more/bob', 'ann', 'faces.rec/bob', 'eve'])
    expect(samples.map((s) => s.label)).toEqual([0, 1, 1, 2, 2, 2, 3, 3])
  })

  it('trains: the loader gives the pixels of the images', async () => {
    const { samples } = openRecords(copy('rec', 'idx'))
    const options = { samples, batchSize: 3, seed: 1, workers: 2, dropLast: false }
    await using loader = new Loader(options)
    let seen = 0
    for await (const { images, labels, indices } of loader.epoch(0))
      for (const [i, index] of indices.entries()) {
        const pixels = images.subarray(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)
        expect(Buffer.compare(pixels, await decodeImage(samples[index]!))).toBe(0)
        expect(labels[i]).toBe(samples[index]!.label)
        // Written by the script: red is twice the column.
        expect(pixels[3 * 50]).toBe(100)
        seen++
      }
    expect(seen).toBe(7)
  })
})

describe('the property file', () => {
  it.each([
    ['3,112,112', undefined],
    ['3,112,112\n', undefined],
    ['4,112,112', /says "4,112,112", but .*faces\.rec holds 3 people/],
    ['3,224,224', /aligned faces are 112 x 112/],
    ['three', /is not "classes,height,width"/],
    ['', /is not "classes,height,width"/],
  ])('%j', (text, warning) => {
    const path = copy('rec', 'idx')
    writeFileSync(join(dir, 'property'), text)
    const { warnings } = openRecords(path)
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)])
  })
})

describe('writing records', () => {
  it('gives the bytes that Python wrote: .rec, .idx, .lst, property', () => {
    const { classes, samples } = openRecords(join(goldens, 'faces.rec'))
    const people = classes.map((name, label) => ({
      name,
      images: samples
        .filter((s) => s.label === label)
        .map((s, i) => {
          const path = join(dir, `${String(i + 1).padStart(4, '0')}.png`)
          if (label > 0) return { name: path, bytes: encodedImage(s) }
          writeFileSync(path, encodedImage(s))
          return path
        }),
    }))
    const out = join(dir, 'faces.rec')
    writeRecords(out, people)
    for (const name of ['faces.rec', 'faces.idx', 'property'])
      expect(sha(readFileSync(join(dir, name))), name).toBe(sha(readFileSync(join(goldens, name))))
    expect(readFileSync(join(dir, 'faces.lst'), 'utf8').split('\n')[0]).toBe(
      readFileSync(join(goldens, 'faces.lst'), 'utf8').split('\n')[0],
    )
    expect(openRecords(out).classes).toEqual(['ann', 'bob', 'eve'])
  })

  it('cuts records at the magic number as dmlc-core does, and joins them', () => {
    const whole = readFileSync(join(goldens, 'parts.rec'))
    const payloads = facts.parts.map((hex) => Buffer.from(hex, 'hex'))
    expect(Buffer.concat(payloads.map(encodeRecord)).equals(whole)).toBe(true)
    using file = new RecordFile(join(goldens, 'parts.rec'))
    expect(file.count).toBe(payloads.length)
    payloads.forEach((payload, key) => {
      const { offset, length } = file.find(key)!
      expect(decodeRecord(whole.subarray(offset, offset + length), '').equals(payload)).toBe(true)
    })
  })

  it('gives back any payload and any header', () => {
    const magic = Buffer.from('0a23d7ce', 'hex')
    const piece = fc.oneof(fc.constant(magic), fc.uint8Array({ maxLength: 9 }))
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.oneof(fc.nat(99), fc.array(fc.nat(99), { minLength: 1, maxLength: 5 })),
        fc.nat(),
        (pieces, labels, id) => {
          const image = Buffer.concat(pieces)
          const record = encodeRecord(packImage(labels, id, image))
          expect(record.length % 4).toBe(0)
          const found = unpackImage(decodeRecord(record, ''), '')
          expect([...found.labels]).toEqual([labels].flat())
          expect(found.flag).toBe(typeof labels === 'number' ? 0 : labels.length)
          expect(found.id).toBe(BigInt(id))
          expect(found.image.equals(image)).toBe(true)
        },
      ),
    )
  })

  it('leaves nothing behind where it fails', () => {
    const out = join(dir, 'x.rec')
    const missing = [{ name: 'ann', images: [join(dir, 'none.jpg')] }]
    expect(() => writeRecords(out, missing)).toThrow(coded('FILES_READ', /none\.jpg/))
    expect(existsSync(out)).toBe(false)
    expect(() => writeRecords(join(dir, 'no/x.rec'), [])).toThrow(coded('FILES_WRITE', /x\.rec/))
  })
})

describe('bad records', () => {
  it('names a truncated file, with its index and without', () => {
    const path = copy('rec', 'idx')
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length - 5))
    expect(() => openRecords(path)).toThrow(coded('DATA_RECORDS', /faces\.rec.*truncated/))
    rmSync(join(dir, 'faces.idx'))
    expect(() => openRecords(path)).toThrow(coded('DATA_RECORDS', /faces\.rec.*truncated/))
    writeFileSync(path, '')
    expect(() => openRecords(path)).toThrow(coded('DATA_EMPTY_FOLDER', /faces\.rec/))
    expect(() => openRecords(join(dir, 'none.rec'))).toThrow(coded('FILES_READ', /none\.rec/))
    expect(() => openRecords(join(dir, 'none'))).toThrow(coded('FILES_READ', /none/))
  })

  it('names what is no RecordIO at all', () => {
    writeFileSync(join(dir, 'text.rec'), 'this is no record file')
    expect(() => openRecords(join(dir, 'text.rec'))).toThrow(coded('DATA_RECORDS', /magic.*byte 0/))
  })

  it('knows the index of another file', () => {
    const path = copy('rec')
    const other = (text: string, message: RegExp) => {
      writeFileSync(join(dir, 'faces.idx'), text)
      expect(() => openRecords(path)).toThrow(coded('DATA_RECORD_INDEX', message))
    }
    other(readFileSync(join(goldens, 'parts.idx'), 'utf8'), /not the index of/)
    other('0\t0\n1\t99999999\n', /names byte 99999999/)
    other('0\t0\n', /has \d+ bytes, not/)
    other('0\t0\n1\t0\n', /same offset/)
    other('zero\tone\n', /line 1/)
  })

  it('survives any list and any property beside it', () => {
    const path = copy('rec', 'idx')
    const list = readFileSync(join(goldens, 'faces.lst'))
    const edits = fc.array(fc.tuple(fc.nat(list.length - 1), fc.nat(255)), { maxLength: 9 })
    fc.assert(
      fc.property(edits, fc.nat(list.length), fc.uint8Array({ maxLength: 30 }), (to, end, any) => {
        const lst = Buffer.from(list)
        for (const [at, value] of to) lst[at] = value
        writeFileSync(join(dir, 'faces.lst'), lst.subarray(0, end))
        writeFileSync(join(dir, 'property'), any)
        // Names and warnings may change, people and images not.
        const { classes, samples } = openRecords(path)
        expect(new Set(classes).size).toBe(3)
        expect(samples.map(({ label }) => label)).toEqual([0, 0, 1, 1, 1, 2, 2])
      }),
      { numRuns: 300 },
    )
  })

  it('survives any change: whole samples or a coded error, no more', () => {
    const [bytes, index] = ['rec', 'idx'].map((x) => readFileSync(join(goldens, `faces.${x}`)))
    const edits = fc.array(fc.tuple(fc.nat(1 << 20), fc.nat(255)), { minLength: 1, maxLength: 8 })
    // Headers and records of identities are what a change can hurt.
    const places = new RecordFile(join(goldens, 'faces.rec'))
    const starts = Array.from({ length: places.count }, (_, i) => places.entry(i).offset)
    places.close()
    fc.assert(
      fc.property(edits, fc.boolean(), fc.nat(3), (changes, withIndex, what) => {
        const rec = Buffer.from(bytes!)
        const idx = Buffer.from(index!)
        for (const [at, value] of changes)
          if (what === 0) idx[at % idx.length] = value
          else rec[starts[at % starts.length]! + (at % 37)] = value
        const path = join(dir, 'mutant.rec')
        writeFileSync(path, what === 1 ? rec.subarray(0, changes[0]![0] % rec.length) : rec)
        rmSync(join(dir, 'mutant.idx'), { force: true })
        if (withIndex) writeFileSync(join(dir, 'mutant.idx'), idx)
        try {
          const { samples } = openRecords(path)
          for (const sample of samples) encodedImage(sample)
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})
