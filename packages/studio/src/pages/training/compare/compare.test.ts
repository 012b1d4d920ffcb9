import { expect, it } from 'vitest'
import { differences } from './differences.js'
import { overlaid } from './overlaid.js'

it('names the keys in which configurations differ, but for their folders', () => {
  const one = { output: 'a', loss: { name: 'arcface', margin: 0.5 }, data: { roots: ['x'] } }
  const other = { output: 'b', loss: { name: 'softmax' }, data: { roots: ['x', 'y'] } }
  expect(differences([one, other])).toEqual([
    { key: 'loss.name', values: ['"arcface"', '"softmax"'] },
    { key: 'loss.margin', values: ['0.5', null] },
    { key: 'data.roots', values: ['["x"]', '["x","y"]'] },
  ])
  expect(differences([one, { ...one, output: 'c' }])).toEqual([])
  expect(differences([one, null]).length).toBe(3)
})

it('lays runs of other steps over each other', () => {
  const runs = [
    { step: [10, 20], values: [1, 2] },
    { step: [15, 20], values: [null, 4] },
    { step: [1], values: null },
  ]
  expect(overlaid(runs)).toEqual({
    step: [10, 15, 20],
    values: [
      [1, null, 2],
      [null, null, 4],
      [null, null, null],
    ],
  })
})
