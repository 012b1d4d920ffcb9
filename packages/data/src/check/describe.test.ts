import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeData } from './describe.js'

const room = mkdtempSync(join(tmpdir(), 'describe-'))
const put = (name: string, lines: readonly string[]) => {
  writeFileSync(join(room, name), `${lines.join('\n')}\n`)
  return join(room, name)
}

let size = 0
beforeAll(async () => {
  const picture = await sharp({
    create: { width: 112, height: 112, channels: 3, background: '#345' },
  })
    .png()
    .toBuffer()
  size = picture.length
  for (const [person, images] of [
    ['ada', 1],
    ['bob', 2],
    ['cyd', 4],
  ] as const) {
    mkdirSync(join(room, 'faces', person), { recursive: true })
    for (let i = 1; i <= images; i++)
      writeFileSync(join(room, 'faces', person, `${i}.png`), picture)
  }
  writeFileSync(join(room, 'faces/ada/notes.txt'), 'no image')
})

describe('describeData', () => {
  it('counts people and their images', () => {
    expect(describeData(join(room, 'faces'))).toEqual({
      identities: 3,
      images: 7,
      fewestImages: 1,
      medianImages: 2,
      mostImages: 4,
      bytes: 7 * size,
      ignored: 1,
      warnings: expect.any(Array),
    })
  })

  it('counts pairs', () => {
    const pairs = put('pairs.csv', ['bob/1.png,bob/2.png,1', 'ada/1.png,bob/1.png,0'])
    expect(describeData(pairs, join(room, 'faces'))).toMatchObject({
      pairs: 2,
      matched: 1,
      mismatched: 1,
      images: 3,
    })
  })

  it.each([
    [
      'media.txt',
      ['a.jpg 1 1', 'b.jpg 1 2', 'b.jpg 3 2'],
      { list: 'templates and media', images: 2, templates: 2, media: 2 },
    ],
    [
      'labels.txt',
      ['1 3 1', '1 4 0', '3 4 0'],
      { list: 'pairs of templates', pairs: 3, matched: 1, mismatched: 2, templates: 3 },
    ],
    [
      'people.csv',
      ['TEMPLATE_ID,SUBJECT_ID', '1,7', '3,7'],
      { list: 'templates and people', templates: 2, identities: 1 },
    ],
    [
      'scores.txt',
      [`a.jpg ${'1 '.repeat(10)}0.5`, `b.jpg ${'1 '.repeat(10)}0.25`],
      { list: 'landmarks and scores', images: 2, lowestScore: 0.25 },
    ],
  ])('knows %s of IJB', (name, lines, counts) => {
    expect(describeData(put(name, lines))).toEqual(counts)
  })
})
