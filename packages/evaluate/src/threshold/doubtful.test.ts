import { describe, expect, it } from 'vitest'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { doubtfulLabels } from './doubtful.js'

const [DIM, PEOPLE, FACES] = [64, 20, 8]
const drawn = () => drawPeople(PEOPLE, FACES, DIM, 0.6)
const find = ({ rows, person }: ReturnType<typeof drawn>) =>
  doubtfulLabels(rows, DIM, person, everyPairAbove)

describe('doubtfulLabels', () => {
  it('finds nothing where every label is right', async () => {
    const people = drawn()
    const { person, merged, left } = await find(people)
    expect(person).toEqual(people.person)
    expect(merged).toEqual([])
    expect(left.size).toBe(0)
  })

  it('finds one person under two names, a face under another name, and a picture under two', async () => {
    const people = drawn()
    const { rows, person } = people
    // Folder 3 is divided: half of its faces are called 25.
    for (let f = 0; f < FACES / 2; f++) person[3 * FACES + f] = 25
    // A face of 5 lies in folder 7.
    person[5 * FACES + 2] = 7
    // A picture of 9 is in folder 11, too, in the place of one of 11's.
    rows.copyWithin((11 * FACES + 1) * DIM, 9 * FACES * DIM, (9 * FACES + 1) * DIM)
    const found = await find(people)
    expect(found.merged).toEqual([[3, 25]])
    expect([...found.left].sort(([a], [b]) => a - b)).toEqual([
      [5 * FACES + 2, 5],
      [9 * FACES, 'picture under two names'],
      [11 * FACES + 1, 'picture under two names'],
    ])
    for (const [row, one] of found.person.entries())
      expect(one).toBe(found.left.has(row) ? -1 : person[row] === 25 ? 3 : person[row])
    expect(person[3 * FACES]).toBe(25) // what is given stays
  })

  it('leaves out whole whom most of the faces are not of', async () => {
    const people = drawn()
    people.person.fill(-1, 0, 5) // of the faces of 0 only three are there, ...
    for (let f = 1; f <= 7; f++) people.person[f * FACES] = 0 // ... and one of each of seven others is called 0
    const { person, left } = await find(people)
    expect([...person].filter((one) => one === 0)).toEqual([])
    expect(left.get(FACES)).toBe(1)
    for (const own of [5, 6, 7]) expect(left.get(own)).toBe('most of the person left out')
  })

  it('takes people who are only alike for two', async () => {
    const { rows, person } = drawn()
    // Person 1 moves half way to person 0.
    for (let f = 0; f < FACES; f++) {
      const [a, b] = [f * DIM, (FACES + f) * DIM]
      const v = Array.from({ length: DIM }, (_, d) => rows[b + d]! + 0.6 * rows[a + d]!)
      const length = Math.hypot(...v)
      rows.set(
        v.map((value) => value / length),
        b,
      )
    }
    const { merged, left } = await find({ rows, person })
    expect(merged).toEqual([])
    expect(left.size).toBe(0)
  })
})
