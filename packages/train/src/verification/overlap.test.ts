import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openFolders, readPairs } from '@arcface/data'
import { describe, expect, it } from 'vitest'
import { findOverlap, overlapSentence } from './overlap.js'

const room = mkdtempSync(join(tmpdir(), 'overlap-'))
const put = (path: string, content: string) => {
  mkdirSync(dirname(join(room, path)), { recursive: true })
  writeFileSync(join(room, path), content)
}
for (const path of ['ann/1', 'ann/2', 'bob/1', 'bob/2']) put(`train/${path}.jpg`, `picture ${path}`)
put('train/bob/broken.jpg', '')
// Eve's second picture is Bob's first under another name; the first is as long as it and another.
put('test/eve/1.jpg', 'picture eve/1')
put('test/zoe/1.jpg', 'picture zoe/1')
copyFileSync(join(room, 'train/bob/1.jpg'), join(room, 'test/eve/2.jpg'))
put('known/ann/7.jpg', 'one more picture of ann')
put('known/zoe/1.jpg', 'picture zoe/1')
put('test.csv', 'eve/1.jpg,eve/2.jpg,1\neve/1.jpg,zoe/1.jpg,0\n')
put('known.csv', 'ann/7.jpg,ann/7.jpg,1\nann/7.jpg,zoe/1.jpg,0\n')
put('strangers.csv', 'zoe/1.jpg,zoe/1.jpg,1\nzoe/1.jpg,eve/1.jpg,0\n')

const data = openFolders([join(room, 'train')])
const set = (name: string, folder: string) => ({
  name,
  pairs: readPairs(join(room, `${name}.csv`), join(room, folder)),
})

describe('what verification sets share with the training data', () => {
  it('is found by content whatever it is called, and by the names of people', () => {
    const sets = [set('test', 'test'), set('known', 'known'), set('strangers', 'test')]
    const [test, known, strangers] = findOverlap(sets, data)
    const [image, there] = [join(room, 'test/eve/2.jpg'), join(room, 'train/bob/1.jpg')]
    expect(test).toEqual({ set: 'test', images: 3, people: [], shared: [{ image, there }] })
    expect(known).toEqual({ set: 'known', images: 2, people: ['ann'], shared: [] })
    expect(overlapSentence(test!)).toBe(
      `1 of its 3 images is in the training data (${image} is ${there}): its accuracy is not that of strangers alone`,
    )
    expect(overlapSentence(known!)).toMatch(
      /^1 of its people has the name of people trained on \(ann\): if they are the same, /,
    )
    expect(overlapSentence(strangers!)).toBeNull()
  })

  it('is not a number that both sides gave, each for itself', () => {
    for (const image of [1, 2]) put(`drawn/person_01/${image}.jpg`, `drawn ${image}`)
    for (const image of [1, 2]) put(`drawn/person_02/${image}.jpg`, `drawn ${image} of two`)
    put('again/person_01/1.jpg', 'somebody else')
    put('again/person_02/3.jpg', 'a third picture of two')
    put('again.csv', 'person_01/1.jpg,person_01/1.jpg,1\nperson_01/1.jpg,person_02/3.jpg,0\n')
    const [again] = findOverlap([set('again', 'again')], openFolders([join(room, 'drawn')]))
    expect(again).toMatchObject({ people: ['person_02'], shared: [] })
  })

  it('is everything where the sets are the training data', () => {
    put('own.csv', 'ann/1.jpg,ann/2.jpg,1\nann/1.jpg,bob/1.jpg,0\n')
    const [own] = findOverlap([set('own', 'train')], data)
    expect(own!.people).toEqual(['ann', 'bob'])
    expect(own!.shared!.map(({ image }) => image)).toEqual(own!.shared!.map(({ there }) => there))
    expect(own!.shared).toHaveLength(3)
  })
})
