import { describe, expect, it } from 'vitest'
import { type Draft, isLastKeeper, type Key, namesIn, wantedOf, wrongIn } from './keys.js'

const draft: Draft = {
  ...{ name: ' gate ', scopes: ['identify'], isForAll: true, galleries: '' },
  ...{ scores: false, days: '', rate: '' },
}
const key = (id: string, more: Partial<Key> = {}): Key => ({
  ...{ id, name: id, state: 'good', scopes: ['admin'], galleries: null, scores: true, rate: null },
  ...{ created: '2026-01-01T00:00:00Z', expires: null, revoked: null },
  ...more,
})

describe('a key to be made', () => {
  it('is what was filled in, and nothing where nothing was', () => {
    expect(wrongIn(draft)).toEqual({})
    expect(wantedOf(draft)).toEqual({ name: 'gate', scopes: ['identify'], scores: false })
    const full: Draft = {
      ...{ ...draft, scopes: ['read'], isForAll: false, galleries: 'staff， guests,staff' },
      ...{ days: '30', rate: '60' },
    }
    expect(wantedOf(full, Date.UTC(2026, 0, 1))).toEqual({
      ...{ name: 'gate', scopes: ['read'], scores: true, galleries: ['staff', 'guests'] },
      ...{ expires: '2026-01-31T00:00:00.000Z', rate: 60 },
    })
  })

  it('has a name, a scope, a gallery where not all, and a whole number of requests', () => {
    const nothing = { ...draft, name: ' ', scopes: [], isForAll: false, rate: '1.5' }
    expect(wrongIn(nothing)).toEqual({ name: true, scopes: true, galleries: true, rate: true })
    expect(wrongIn({ ...draft, name: 'x'.repeat(201), rate: '0' })).toEqual({
      name: true,
      rate: true,
    })
  })
})

it('takes names apart', () => {
  expect(namesIn(' a, ,b\nc ')).toEqual(['a', 'b', 'c'])
})

it('knows the last key that may look after the server', () => {
  const [some, read] = [key('2', { galleries: ['staff'] }), key('3', { scopes: ['read'] })]
  const gone = key('4', { state: 'revoked' })
  expect(isLastKeeper(key('1'), [key('1'), some, read, gone])).toBe(true)
  expect(isLastKeeper(key('1'), [key('1'), key('5')])).toBe(false)
  expect(isLastKeeper(some, [some])).toBe(false)
})
