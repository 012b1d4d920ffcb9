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
    const images = [
      { path: join(dir, 'a b.jpg') },
      { path: 'x.rec', offset: 8, length: 3 },
      { path: join(dir, 'c.jpg'), person: 'ann' },
      { path: 'x.rec', offset: 16, person: 'عَلِيّ' },
    ]
    writeImageList(list, images)
    const whose = images.map((image) => [imageKey(image), image.person ?? null] as const)
    expect(readImageList(list)).toEqual(new Map(whose))
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
    ['a\t1\t2\t3\n', /line 1/],
    ['a\t\n', /line 1/],
    ['a\t\t\n', /line 1/],
    ['a\tx\tann\n', /line 1/],
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

  it('moves images to other people, to new ones too', () => {
    const at = (image: string) => join(root, image)
    writeImageList(list, [
      { path: at('ann/1.jpg'), person: 'bob' },
      { path: at('ann/2.jpg') },
      { path: at('bob/1.jpg'), person: 'zoe' },
      { path: at('bob/2.jpg'), person: 'bob' },
      { path: at('cat/1.jpg'), person: 'ann' },
    ])
    const { classes, samples } = openFolders([root], { list })
    expect(classes).toEqual(['ann', 'bob', 'zoe'])
    expect(samples.map(({ path, label }) => [relative(root, path), label])).toEqual([
      ['ann/2.jpg', 0],
      ['cat/1.jpg', 0],
      ['ann/1.jpg', 1],
      ['bob/2.jpg', 1],
      ['bob/1.jpg', 2],
    ])
  })

  it('names people of two folders by the folder too', () => {
    const other = join(dir, 's')
    mkdirSync(join(other, 'ann'), { recursive: true })
    writeFileSync(join(other, 'ann', '1.jpg'), '')
    const move = (person: string) => {
      writeImageList(list, [
        { path: join(root, 'ann/1.jpg') },
        { path: join(root, 'bob/1.jpg'), person },
        { path: join(other, 'ann/1.jpg') },
      ])
      const { classes, samples } = openFolders([root, other], { list })
      return samples.map(({ path, label }) => `${relative(dir, path)} ${classes[label]}`)
    }
    expect(move('s/ann')).toEqual(['r/ann/1.jpg r/ann', 's/ann/1.jpg s/ann', 'r/bob/1.jpg s/ann'])
    expect(() => move('ann')).toThrow(
      expect.objectContaining({ code: 'DATA_LIST', message: expect.stringMatching(/in two of/) }),
    )
  })

  it('is not written with a name that would break it', () => {
    for (const image of [{ path: 'a\nb.jpg' }, { path: 'a.jpg', person: 'b\tc' }])
      expect(() => writeImageList(list, [image])).toThrow(
        expect.objectContaining({ code: 'DATA_LIST' }),
      )
  })
})
