import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolders } from '../folders/folders.js'
import { imageKey, readImageList, writeImageList } from './images.js'

const dir = mkdtempSync(join(tmpdir(), 'list-'))
for (const person of ['ann', 'bob', 'cat']) {
  mkdirSync(join(dir, 'r', person), { recursive: true })
  for (const image of ['1.jpg', '2.jpg']) writeFileSync(join(dir, 'r', person, image), '')
}
const root = join(dir, 'r')
const list = join(dir, 'list.txt')

describe('a list of images', () => {
  it('reads what was written, records of a .rec too', () => {
    const images = [{ path: join(dir, 'a b.jpg') }, { path: 'x.rec', offset: 8, length: 3 }]
    writeImageList(list, images)
    expect(readImageList(list)).toEqual(new Set(images.map(imageKey)))
  })

  it('is what openFolders takes; people without an image are gone', () => {
    const { samples } = openFolders([root])
    writeImageList(
      list,
      samples.filter(({ label }, i) => label === 2 || i === 0),
    )
    const { classes, samples: found } = openFolders([relative('.', root)], { list })
    expect(classes).toEqual(['ann', 'cat'])
    expect(found.map(({ path, label }) => [label, basename(path)])).toEqual([
      [0, '1.jpg'],
      [1, '1.jpg'],
      [1, '2.jpg'],
    ])
  })

  it.each([
    [`${join(root, 'ann/3.jpg')}\n`, /names an image.*3\.jpg/],
    ['\n', /names no image/],
    ['a.rec\tx\n', /line 1/],
    ['a\t1\t2\n', /line 1/],
  ])('is refused: %j', (text, message) => {
    writeFileSync(list, text)
    expect(() => openFolders([root], { list })).toThrow(
      expect.objectContaining({ code: 'DATA_LIST', message: expect.stringMatching(message) }),
    )
  })

  it('may begin with a byte order mark', () => {
    writeFileSync(list, `\uFEFF${join(root, 'ann/1.jpg')}\r\n`)
    expect(openFolders([root], { list }).samples.map(({ path }) => path)).toEqual([
      join(root, 'ann/1.jpg'),
    ])
  })

  it('is not written with a name that would break it', () => {
    expect(() => writeImageList(list, [{ path: 'a\nb.jpg' }])).toThrow(
      expect.objectContaining({ code: 'DATA_LIST' }),
    )
  })
})
