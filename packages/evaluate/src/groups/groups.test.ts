import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { normalizeRows } from '../embeddings/rows.js'
import { groupGoldens } from '../testing/goldens.js'
import { everyPairAbove } from '../testing/people.js'
import { allPairs, decideAll, decideListed, thresholdOfAll } from './decide.js'
import { measureColumn, measureOverall } from './groups.js'
import { type DecidedPairs, GroupedPairs } from './pairs.js'
import type { GroupRate } from './schema.js'

const golden = groupGoldens()
const { dim } = golden
const rows = normalizeRows({ embeddings: Float32Array.from(golden.rows), dim })
const person = Int32Array.from(golden.person)
const few = { replicates: 20 }

const counts = (rate: GroupRate | null) =>
  rate && { errors: rate.errors, trials: rate.trials, value: rate.value }
const close = (value: number | null) => (value === null ? null : expect.closeTo(value, 12))

describe.each(golden.cases)('groups $name', ({ threshold, groupOf, ...expected }) => {
  const grouping = { columns: ['x'], names: ['a', 'b', 'c'], groupOf: Int32Array.from(groupOf) }

  it('have the rates and measures of their definitions', async () => {
    const pairs = await decideAll(rows, dim, person, threshold, everyPairAbove)
    const column = measureColumn(pairs, grouping, few)
    for (const { name, fmr, fnmr } of column.groups) {
      expect(counts(fmr)).toEqual(expected.cells[name + name]!.fmr)
      expect(counts(fnmr)).toEqual(expected.cells[name + name]!.fnmr)
    }
    for (const { groups, fmr, fnmr } of column.across) {
      expect(counts(fmr)).toEqual(expected.cells[groups.join('')]!.fmr)
      expect(counts(fnmr)).toEqual(expected.cells[groups.join('')]!.fnmr)
    }
    expect(counts(column.fmrWithin)).toEqual(expected.fmrWithin)
    expect(counts(column.fmrAcross)).toEqual(expected.fmrAcross)
    for (const kind of ['fmr', 'fnmr'] as const) {
      const { maxToMin, maxToGeometricMean, gini } = column[kind]!
      const of = expected.differential[kind]
      expect({ maxToMin, maxToGeometricMean, gini }).toEqual(
        Object.fromEntries(Object.entries(of).map(([name, value]) => [name, close(value)])),
      )
    }
    expect(column).toMatchObject({ fdr: close(expected.fdr), garbe: close(expected.garbe) })
    const overall = measureOverall(pairs, few)
    expect(counts(overall.fmr)).toEqual(expected.fmr)
    expect(counts(overall.fnmr)).toEqual(expected.fnmr)
  })

  it('are the same of a list of all pairs, and of every draw of people', async () => {
    const all = await decideAll(rows, dim, person, threshold, everyPairAbove)
    const couples = golden.person.flatMap((_, i) =>
      golden.person.slice(i + 1).map((_, k) => [i, i + 1 + k] as const),
    )
    const a = Int32Array.from(couples, ([i]) => i)
    const b = Int32Array.from(couples, ([, j]) => j)
    const similarities = Float64Array.from(couples, ([i, j]) => {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += rows[i * dim + d]! * rows[j * dim + d]!
      return sum
    })
    const same = Uint8Array.from(couples, ([i, j]) => Number(person[i] === person[j]))
    const listed = decideListed({ a, b, same, similarities }, person, threshold)
    expect(measureColumn(listed, grouping, few)).toEqual({
      ...measureColumn(all, grouping, few),
      // Of couples that share nobody a list tells those that it finds.
      groups: expect.any(Array),
      across: expect.any(Array),
    })
    const random = new Random(2)
    const weights = Float64Array.from({ length: 27 }, () => random.below(4))
    const [one, other] = [all, listed].map((pairs) => new GroupedPairs(pairs, grouping.groupOf, 3))
    expect(one!.ofImpostors(weights)).toEqual(other!.ofImpostors(weights))
    expect(one!.ofGenuine(weights)).toEqual(other!.ofGenuine(weights))
  })
})

describe('thresholdOfAll', () => {
  it.each(golden.atFar)('is the lowest that keeps FAR $far', async ({ far, threshold }) => {
    const found = await thresholdOfAll(rows, dim, person, far, everyPairAbove)
    expect(found.threshold).toBeCloseTo(threshold, 6)
    expect(found.pairs).toBe(golden.cases[0]!.fmr.trials)
  })

  it('is the same where only the largest of very many scores are kept', async () => {
    const random = new Random(4)
    const n = 1600
    const drawn = normalizeRows({
      embeddings: Float32Array.from({ length: 3 * n }, () => random.normal()),
      dim: 3,
    })
    const people = Int32Array.from({ length: n }, (_, i) => i >> 1)
    let kept = 0
    const scores: number[] = []
    await everyPairAbove(drawn, 3, -2, (i, j, score) => {
      if (people[i] !== people[j]) scores.push(score)
    })
    const { threshold, pairs } = await thresholdOfAll(drawn, 3, people, 1e-3, (...given) => {
      const [rows, dim, floor, found] = given
      return everyPairAbove(rows, dim, floor, (i, j, score) => {
        kept++
        found(i, j, score)
      })
    })
    expect(pairs).toBe(scores.length)
    expect(kept).toBeLessThan(scores.length / 500)
    const above = scores.filter((score) => score > threshold).length
    expect(above).toBeLessThanOrEqual(1e-3 * pairs)
    expect(scores.filter((score) => score >= threshold).length).toBeGreaterThan(1e-3 * pairs)
  })
})

it('where nothing went wrong the upper limit is that of people, of a list no more than of its couples', () => {
  const people = 50
  const two = Int32Array.from({ length: 4 * people }, (_, row) => row >> 1)
  const groupOf = two.map((p) => Number(p >= people))
  const grouping = { columns: ['x'], names: ['0', '1'], groupOf }
  const { groups, across } = measureColumn(allPairs(two), grouping, few)
  // One that is missed by none of 50 with probability 0.025.
  const most = 1 - 0.025 ** (1 / people)
  expect(groups[0]!.fnmr).toMatchObject({ errors: 0, low: 0, high: expect.closeTo(most, 9) })
  expect(groups[0]!.fmr).toMatchObject({ trials: 4900, high: expect.closeTo(most, 9) })
  expect(across[0]!.fmr).toMatchObject({ trials: 10_000, high: expect.closeTo(most, 9) })
  // Twenty-five couples that share nobody.
  const a = Int32Array.from({ length: people / 2 }, (_, couple) => 4 * couple)
  const same = new Uint8Array(people / 2)
  const list = { a, b: a.map((row) => row + 2), same, similarities: new Float64Array(people / 2) }
  const listed = measureColumn(decideListed(list, two, 0.5), grouping, few)
  expect(listed.groups[0]!.fmr!.high).toBeCloseTo(1 - 0.025 ** (2 / people), 9)
  expect(listed.groups[0]!.fnmr).toBeNull()
})

/** People of two groups whose rates are known, with people and couples of people who differ from each other. */
function drawn(
  seed: number,
  truth: { within: readonly number[]; across: number; missed: readonly number[] },
) {
  const random = new Random(seed)
  const [sizes, images] = [[24, 40], 3]
  /** Log-normal of mean 1. */
  const about = (spread: number) => Math.exp(spread * random.normal() - spread ** 2 / 2)
  const groups = sizes.flatMap((n, group) => new Array<number>(n).fill(group))
  const hard = groups.map(() => about(0.5))
  const alike = groups.map(() => about(0.5))
  const genuine = { first: [] as number[], second: [] as number[], refused: [] as number[] }
  const accepted = { first: [] as number[], second: [] as number[] }
  for (const [p, g] of groups.entries()) {
    for (let i = 0; i < images; i++)
      for (let j = i + 1; j < images; j++) {
        genuine.first.push(p * images + i)
        genuine.second.push(p * images + j)
        genuine.refused.push(Number(random.float() < truth.missed[g]! * hard[p]!))
      }
    for (const [q, h] of groups.slice(0, p).entries()) {
      const rate = (g === h ? truth.within[g]! : truth.across) * alike[p]! * alike[q]! * about(1)
      for (let k = 0; k < images * images; k++) {
        if (random.float() >= rate) continue
        accepted.first.push(p * images + (k % images))
        accepted.second.push(q * images + Math.floor(k / images))
      }
    }
  }
  const rowsOf = (of: (p: number) => number) =>
    Int32Array.from(groups.flatMap((_, p) => new Array<number>(images).fill(of(p))))
  const pairs: DecidedPairs = {
    person: rowsOf((p) => p),
    genuine: { ...genuine, refused: Uint8Array.from(genuine.refused) },
    accepted,
  }
  const grouping = { columns: ['x'], names: ['0', '1'], groupOf: rowsOf((p) => groups[p]!) }
  return measureColumn(pairs, grouping, { replicates: 150, seed })
}

describe('intervals', () => {
  it.each([
    { of: 'that differ', within: [0.012, 0.004], across: 0.002, missed: [0.12, 0.04] },
    { of: 'that are equal', within: [0.006, 0.006], across: 0.003, missed: [0.06, 0.06] },
    { of: 'of hardly an error', within: [4e-4, 4e-4], across: 2e-4, missed: [0.01, 0.01] },
  ])('hold the truth of groups $of in 93 of 100 simulations or more', (truth) => {
    const held: Record<string, number> = {}
    const note = (
      name: string,
      { low, high }: { low: number; high: number | null },
      is: number,
    ) => {
      held[name] = (held[name] ?? 0) + Number(low <= is && is <= (high ?? Infinity))
    }
    const simulations = 300
    for (let seed = 0; seed < simulations; seed++) {
      const { groups, across, fmr, fnmr } = drawn(seed, truth)
      for (const [g, group] of groups.entries()) {
        note(`FMR of ${g}`, group.fmr!, truth.within[g]!)
        note(`FNMR of ${g}`, group.fnmr!, truth.missed[g]!)
      }
      note('FMR across', across[0]!.fmr!, truth.across)
      for (const [name, found, of] of [
        ['FMR', fmr!, truth.within],
        ['FNMR', fnmr!, truth.missed],
      ] as const)
        note(`ratio of ${name}`, found, Math.max(...of) / Math.min(...of))
    }
    expect(Object.keys(held)).toHaveLength(7)
    for (const [name, count] of Object.entries(held))
      expect(`${name} ${count >= 0.93 * simulations || count / simulations}`).toBe(`${name} true`)
  })
})
