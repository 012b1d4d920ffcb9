import { expect, it } from 'vitest'
import { counted, countedPeople } from './words.js'

it('counts one as one', () => {
  expect([0, 1, 2].map((n) => counted(n, 'face'))).toEqual(['0 faces', '1 face', '2 faces'])
  expect([1, 2].map(countedPeople)).toEqual(['1 person', '2 people'])
})
