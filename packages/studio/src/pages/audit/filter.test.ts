import { expect, it } from 'vitest'
import { addressOf, filterIn, hashesIn, queryOf } from './filter.js'

it('goes into the address and out of it', () => {
  const filter = filterIn(new URLSearchParams('person=عَلِيّ %26 Söhne&since=2027-01-31T10:00&x=1'))
  expect(filter).toEqual({
    ...{ since: '2027-01-31T10:00', until: '', key: '', gallery: '', operation: '' },
    person: 'عَلِيّ & Söhne',
  })
  expect(filterIn(addressOf(filter))).toEqual(filter)
  expect(String(addressOf(filterIn(new URLSearchParams())))).toBe('')
})

it('asks for local times as the world has them, and for nothing that is none', () => {
  const filter = filterIn(new URLSearchParams('since=2027-01-31T10:00&until=soon&key= 1f9d3c52 '))
  expect(queryOf(filter)).toEqual({
    ...{ since: new Date(2027, 0, 31, 10).toISOString(), key: '1f9d3c52' },
  })
})

it('takes hashes', () => {
  const [a, b] = ['a'.repeat(64), '0'.repeat(64)]
  expect(hashesIn(` ${a.toUpperCase()}\n\n${b}\n`)).toEqual([a, b])
  expect(hashesIn('')).toEqual([])
  expect(hashesIn(`${a}0`)).toBeUndefined()
})
