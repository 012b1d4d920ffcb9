import { describe, expect, it } from 'vitest'
import { folderOf, type Item, isTaken, otherOf, type Review } from './items.js'

const file = new File([], 'a.jpg')
const match = (name: string) =>
  ({ name, similarity: 0.5, face: 'f', source: null, groups: [], metadata: {} }) as const
const item = (given: Partial<Item>, review?: object): Item => ({
  ...{ key: 1, file, url: '', person: null },
  ...(review && {
    review: { face: { rejected: [] }, there: [], alike: null, ...review } as unknown as Review,
  }),
  ...given,
})

describe('a photograph is enrolled', () => {
  it('when it was looked at, is good, new and like nobody else, or when a person wants it', () => {
    expect(isTaken(item({}), 'Ada')).toBe(false)
    expect(isTaken(item({}, {}), 'Ada')).toBe(true)
    expect(isTaken(item({}, { there: ['Ada'] }), 'Ada')).toBe(false)
    const like = (...names: string[]) => item({}, { alike: { matches: names.map(match) } })
    expect(isTaken(like('Ada'), 'Ada')).toBe(true)
    expect(isTaken(like('Bob'), 'Ada')).toBe(false)
    expect(isTaken({ ...like('Bob'), isWanted: true }, 'Ada')).toBe(true)
    expect(isTaken({ ...like('Ada'), isWanted: false }, 'Ada')).toBe(false)
    expect(otherOf(like('Ada', 'Bob'), ' Ada ')?.name).toBe('Bob')
  })

  it('never when it is poor, or was enrolled already', () => {
    const poor = item({ isWanted: true }, { face: { rejected: ['blurred'] } })
    expect(isTaken(poor, 'Ada')).toBe(false)
    expect(isTaken(item({ saved: { added: true } }, {}), 'Ada')).toBe(false)
  })
})

it.each([
  ['', null],
  ['photos/a.jpg', null],
  ['photos/Ada/a.jpg', 'Ada'],
  ['photos/x/Ada Lovelace/a.jpg', 'Ada Lovelace'],
])('of %s the person is %s', (webkitRelativePath, person) => {
  expect(folderOf({ webkitRelativePath })).toBe(person)
})
