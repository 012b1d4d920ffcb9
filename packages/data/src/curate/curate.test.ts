import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFolders } from '../folders/folders.js'
import { curate } from './curate.js'

const dir = mkdtempSync(join(tmpdir(), 'curate-'))
const root = join(dir, 'faces')
const arabic = `${'\u0639'.repeat(60)} "x"`
for (const person of ['ann', 'bob', arabic]) {
  mkdirSync(join(root, person), { recursive: true })
  for (const image of ['1.jpg', '2.jpg', '3.jpg']) writeFileSync(join(root, person, image), '')
}
const at = (...names: string[]) => join(root, ...names)
const file = join(dir, 'decisions.json')
const list = join(dir, 'list.txt')

function decide(decisions: object[], more: object = {}) {
  writeFileSync(file, JSON.stringify({ roots: [root], decisions, ...more }))
  return curate(file, list)
}
const taken = () => {
  const { classes, samples } = openFolders([root], { list })
  return samples.map(({ path, label }) => `${relative(root, path)} ${classes[label]}`)
}

describe('curate', () => {
  it('leaves out what is dropped and moves the rest; the folders stay', () => {
    const result = decide([
      { image: at('ann/1.jpg'), decision: 'drop' },
      { image: at('ann/2.jpg'), decision: 'move', person: arabic },
      { image: at('bob/1.jpg'), decision: 'move', person: 'new one' },
      { image: at('bob/2.jpg'), decision: 'move', person: 'bob' },
    ])
    expect(result).toEqual({ people: 4, images: 8, dropped: 1, moved: 2 })
    expect(taken()).toEqual([
      'ann/3.jpg ann',
      'bob/2.jpg bob',
      'bob/3.jpg bob',
      ...[1, 2, 3].map((n) => `${arabic}/${n}.jpg ${arabic}`),
      `ann/2.jpg ${arabic}`,
      'bob/1.jpg new one',
    ])
    expect(readdirSync(at('ann'))).toEqual(['1.jpg', '2.jpg', '3.jpg'])
  })

  it('goes on from a list, whose moves stay', () => {
    const first = join(dir, 'first.txt')
    decide([{ image: at('ann/1.jpg'), decision: 'move', person: 'bob' }])
    curate(file, first)
    const decisions = [
      { image: at('ann/1.jpg'), decision: 'move', person: 'ann' },
      { image: at('ann/3.jpg'), decision: 'drop' },
    ]
    expect(decide(decisions, { list: first })).toMatchObject({ images: 8, moved: 1 })
    expect(taken().slice(0, 4)).toEqual([
      'ann/1.jpg ann',
      'ann/2.jpg ann',
      'bob/1.jpg bob',
      'bob/2.jpg bob',
    ])
    decide([{ image: at('ann/3.jpg'), decision: 'drop' }], { list: first })
    expect(taken()).toContain('ann/1.jpg bob')
  })

  it.each([
    ['no JSON', '{', /no JSON/],
    ['no roots', '{"roots": [], "decisions": []}', /roots/],
    ['an unknown decision', { image: at('ann/1.jpg'), decision: 'burn' }, /decisions\.0/],
    [
      'a move to nobody',
      { image: at('ann/1.jpg'), decision: 'move', person: '' },
      /decisions\.0\.person/,
    ],
    [
      'an image that is not there',
      { image: at('ann/9.jpg'), decision: 'drop' },
      /9\.jpg is not among/,
    ],
  ])('refuses %s', (_, given, message) => {
    writeFileSync(
      file,
      typeof given === 'string' ? given : JSON.stringify({ roots: [root], decisions: [given] }),
    )
    expect(() => curate(file, list)).toThrow(
      expect.objectContaining({ code: 'DATA_LIST', message: expect.stringMatching(message) }),
    )
  })

  it('refuses two decisions about an image, and to drop all', () => {
    const drop = { decision: 'drop' }
    expect(() =>
      decide([
        { image: at('ann/1.jpg'), ...drop },
        { image: `${root}/./ann/1.jpg`, ...drop },
      ]),
    ).toThrow(/twice/)
    const all = openFolders([root]).samples.map(({ path }) => ({ image: path, ...drop }))
    expect(() => decide(all)).toThrow(/every image/)
  })
})
