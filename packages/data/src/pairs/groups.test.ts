import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readGroupPairs } from './groups.js'

const room = mkdtempSync(join(tmpdir(), 'groups-'))
afterAll(() => rmSync(room, { recursive: true }))
const put = (path: string, text = '') => {
  mkdirSync(dirname(join(room, path)), { recursive: true })
  writeFileSync(join(room, path), text)
}
const [lists, images] = [join(room, 'test/txts'), join(room, 'test/data')]
const image = (group: string, name: string, n: number) =>
  join(images, group, name, `${name}_000${n}.jpg`)

it('reads lists of pairs by groups as RFW lays them out, without a header and in ten folds', () => {
  for (const group of ['African', 'Asian'])
    for (const name of ['m.01', 'm.02'])
      for (const n of [1, 2]) put(`test/data/${group}/${name}/${name}_000${n}.jpg`)
  const line = 'm.01\t1\t2\nm.01\t2\tm.02\t1\n'
  put('test/txts/African/African_pairs.txt', line.repeat(10))
  put('test/txts/African/African_images.txt', 'm.01_0001.jpg\t0\n')
  put('test/txts/Asian/Asian_pairs.txt', `${line}\r\n`)
  const [african, asian] = readGroupPairs(lists, images)
  expect(african!.name).toBe('African')
  expect(african!.pairs).toMatchObject({ folds: 10 })
  expect(african!.pairs.same).toEqual(Uint8Array.from({ length: 20 }, (_, p) => 1 - (p % 2)))
  expect(asian).toEqual({
    name: 'Asian',
    pairs: {
      images: [image('Asian', 'm.01', 1), image('Asian', 'm.01', 2), image('Asian', 'm.02', 1)],
      a: Int32Array.of(0, 1),
      b: Int32Array.of(1, 2),
      same: Uint8Array.of(1, 0),
      folds: 2,
    },
  })
})

it('takes a header too, and refuses what is no such folder', () => {
  put('headed/African/African_pairs.txt', '1\t1\nm.01\t1\t2\nm.01\t1\tm.02\t1\n')
  expect(readGroupPairs(join(room, 'headed'), images)[0]!.pairs).toMatchObject({ folds: 1 })
  const code = (name: string) => expect.objectContaining({ code: name })
  expect(() => readGroupPairs(images, images)).toThrow(code('DATA_PAIRS_FORMAT'))
  expect(() => readGroupPairs(join(room, 'none'), images)).toThrow(code('FILES_READ'))
  put('missing/African/African_pairs.txt', 'm.01\t1\t9\n')
  expect(() => readGroupPairs(join(room, 'missing'), images)).toThrow(code('DATA_PAIRS_IMAGE'))
  put('empty/African/African_pairs.txt', '\n')
  expect(() => readGroupPairs(join(room, 'empty'), images)).toThrow(code('DATA_PAIRS_FORMAT'))
})
