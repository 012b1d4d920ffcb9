import { parseScoredSet, type ScoredSet } from '@arcface/evaluate'
import { describe, expect, it } from 'vitest'
import { firstThreshold, openSet, thresholdsFile } from './opened.js'
import { differences, isWrong, samePairs, worstOf } from './pairs.js'

/** Faces of 24 people, two each; every pair of the first faces, whose cosine falls with its place. */
const PEOPLE = 24
const [first, second, same, cosine]: [number[], number[], (0 | 1)[], number[]] = [[], [], [], []]
const add = (a: number, b: number, label: 0 | 1, score: number) => {
  first.push(a)
  second.push(b)
  same.push(label)
  cosine.push(score)
}
for (let i = 0; i < PEOPLE; i++) add(2 * i, 2 * i + 1, 1, 0.9 - 0.03 * i)
const IMPOSTORS = (PEOPLE * (PEOPLE - 1)) / 2
let k = 0
for (let i = 0; i < PEOPLE; i++)
  for (let j = i + 1; j < PEOPLE; j++) add(2 * i, 2 * j, 0, 0.5 - k++ / 1000)

const set: ScoredSet = {
  scores: 1,
  model: { name: 'm', sha256: '0' },
  source: 'pairs.txt',
  of: 'list',
  flip: false,
  folds: null,
  images: Array.from({ length: 2 * PEOPLE }, (_, row) => `${row >> 1}/${row}.jpg`),
  person: Array.from({ length: 2 * PEOPLE }, (_, row) => row >> 1),
  pairs: { first, second, same, cosine },
  genuine: PEOPLE,
  impostors: IMPOSTORS,
  tail: null,
  pictures: {},
  warnings: [],
}
const opened = openSet('id', JSON.stringify(set))

describe('a set that is opened', () => {
  it('begins at the smallest FAR that its pairs bear out, and does not exceed it', () => {
    // Ten couples of 276: FAR 0.036.
    expect(opened.thresholds).toMatchObject({ impostors: { smallestFar: 10 / IMPOSTORS } })
    const begin = firstThreshold(opened)
    expect(opened.curve.at(begin).far).toBeLessThanOrEqual(0.1)
    expect(opened.curve.at(begin - 0.002).far).toBeGreaterThan(0.1 - 2 / IMPOSTORS)
    expect(opened.fault).toBeNull()
    expect(opened.accuracy).toBeNull()
  })

  it('shows of each kind the worst first, as far as a threshold decides them wrongly', () => {
    const worst = worstOf(opened)
    const wrong = worst.accepts.filter((pair) => isWrong('accepts', pair, 0.4965))
    expect(wrong.map(({ cosine }) => cosine)).toEqual([0.5, 0.499, 0.498, 0.497])
    expect(wrong[0]).toEqual({ pair: PEOPLE + 1, first: 0, second: 2, cosine: 0.5 })
    expect(worst.rejects[0]).toMatchObject({ pair: PEOPLE })
    expect(worst.rejects.filter((pair) => isWrong('rejects', pair, 0.9))).toHaveLength(PEOPLE)
  })

  it('exports a threshold with its FAR, and never a smaller one than it bears out', () => {
    const at = (accepted: number) => 0.5 - (accepted - 0.5) / 1000
    const { far, file } = thresholdsFile(opened, at(40))!
    expect(far).toBe(40 / IMPOSTORS)
    expect(file.cosine[`${far}`]).toBe(at(40))
    expect(file.cosine['1e-1']).toBeDefined()
    expect(thresholdsFile(opened, at(2))!.far).toBe(10 / IMPOSTORS)
    expect(thresholdsFile(opened, -1)).toBeNull()
    // Ten couples are not there: nothing is measured but what is seen.
    const few = { ...set, pairs: { ...set.pairs } }
    for (const column of ['first', 'second', 'same', 'cosine'] as const)
      few.pairs[column] = set.pairs[column].slice(0, PEOPLE + 4) as never
    const small = openSet('id', JSON.stringify(few))
    expect(small.thresholds).toMatch(/bear out no threshold/)
    expect(thresholdsFile(small, 0.4985)).toEqual({
      far: 0.5,
      file: { source: 'pairs.txt', cosine: { '0.5': 0.4985 } },
    })
    expect(thresholdsFile(small, 0.8)).toBeNull()
  })
})

describe('two models', () => {
  const halved = { ...set.pairs, cosine: cosine.map((one) => one / 2) }
  const other = parseScoredSet(JSON.stringify({ ...set, pairs: halved }), 'other')

  it('differ on the pairs that one decides rightly', () => {
    expect(samePairs(set, other)).toBe(true)
    expect(samePairs(set, { ...other, images: other.images.map((name) => `${name}x`) })).toBe(false)
    expect(differences(set, other, [0.4, 0.2])).toEqual({ first: [], second: [] })
    const { first, second } = differences(set, other, [0.4, 0.4])
    // The first accepts all above 0.4, the second those above 0.8 of the first's.
    const between = (label: number) =>
      cosine.filter((one, p) => same[p] === label && one > 0.4 && one <= 0.8).length
    expect(first).toHaveLength(between(1))
    expect(first.every(({ kind }) => kind === 'rejects')).toBe(true)
    expect(second).toHaveLength(between(0))
    expect(second[0]).toMatchObject({ kind: 'accepts', cosine: 0.5, other: 0.25 })
  })
})
