import { parse } from 'parse5'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { measureColumn, measureOverall } from '../groups/groups.js'
import type { DecidedPairs } from '../groups/pairs.js'
import type { GroupsResult } from '../groups/schema.js'
import { ratioWords, verdictWords } from '../groups/words.js'
import { errorPercent, rateWords } from '../words.js'
import { groupsReport } from './groups.js'
import { groupsCsv } from './groups-csv.js'
import { intervalChart } from './intervals.js'
import { matrixChart } from './matrix.js'

/** Groups of four people of two images; the first person of each is refused, and in the first two groups taken for the second. */
function result(names: readonly string[], faultless = false): GroupsResult {
  const people = 4 * names.length
  const person = Int32Array.from({ length: 2 * people }, (_, row) => row >> 1)
  const everybody = Array.from({ length: people }, (_, p) => p)
  const pairs: DecidedPairs = {
    person,
    genuine: {
      first: everybody.map((p) => 2 * p),
      second: everybody.map((p) => 2 * p + 1),
      refused: Uint8Array.from(everybody, (p) => Number(!faultless && p % 4 === 0)),
    },
    accepted: faultless ? { first: [], second: [] } : { first: [0, 8], second: [2, 10] },
  }
  const column = measureColumn(
    pairs,
    { columns: ['site'], names, groupOf: person.map((p) => p >> 2) },
    { replicates: 20 },
  )
  return {
    threshold: { cosine: 0.4, far: 0.001, from: 'model', source: 'pairs' },
    pairs: 'all',
    people,
    images: 2 * people,
    ...measureOverall(pairs, { replicates: 20 }),
    columns: [
      {
        ...column,
        groups: column.groups.map((group) => ({ ...group, skipped: 0 })),
        leftOut: ['few'],
      },
    ],
    level: 0.95,
    replicates: 20,
  }
}
const meta = {
  title: 'Groups',
  facts: [['Model', 'm']] as const,
  command: 'arcface evaluate groups',
}

describe('the report of groups', () => {
  it.each([
    ['two groups', ['a', 'b'], false],
    ['groups without an error', ['a', 'b'], true],
    [
      'twelve groups of long and hostile names',
      Array.from({ length: 12 }, (_, i) => `<b>"${i}'&${'x'.repeat(70)}`),
      false,
    ],
  ])('of %s is a page without holes', (_, names, faultless) => {
    const page = groupsReport(result(names, faultless), meta)
    expect(page).not.toMatch(/NaN|undefined|Infinity|<b>|<script/)
    const errors: string[] = []
    parse(page, { onParseError: ({ code }) => errors.push(code) })
    expect(errors).toEqual([])
    expect(page).toContain('Too small and left out: few.')
  })

  it('draws charts that are SVG, with a mark where something is known', async () => {
    const rate = { value: 0.01, low: 0.001, high: 0.1 }
    const chart = intervalChart(
      'Rate',
      [
        { name: 'a & b', rate },
        { name: 'none', rate: { value: 0, low: 0, high: 0.2 } },
        { name: 'unknown', rate: null },
      ],
      { name: 'all', at: 0.02 },
    ).toString()
    expect(chart.match(/<circle/g)).toHaveLength(2)
    expect(await sharp(Buffer.from(chart)).metadata()).toMatchObject({ format: 'svg' })
    const matrix = matrixChart('Rates', ['a', 'b'], (a, b) => (a === b ? 0.01 : 0)).toString()
    expect(matrix.match(/<rect/g)).toHaveLength(4)
    expect(matrix).toContain('<title>a with b: 0 %</title>')
    expect(await sharp(Buffer.from(matrix)).metadata()).toMatchObject({ format: 'svg' })
  })

  it('stands in CSV too', () => {
    const lines = groupsCsv(result(['a', '=b']))
      .trimEnd()
      .split('\n')
    expect(lines[0]).toBe('column,group,other,rate,value,low,high,errors,trials,people')
    expect(lines[3]).toMatch(/^site,a,a,FMR,0\.0416.*,1,24,4$/)
    expect(lines[6]).toMatch(/^site,'=b,'=b,FNMR,0\.25,.*,1,4,4$/)
    expect(lines).toHaveLength(8)
  })
})

describe('words of rates', () => {
  it.each([
    [0, '0 %'],
    [0.1234, '12.34 %'],
    [1, '100.00 %'],
    [0.0012345, '0.12 %'],
    [0.00012345, '0.012 %'],
    [1e-6, '0.00010 %'],
  ])('%d is %s', (rate, words) => {
    expect(errorPercent(rate)).toBe(words)
  })

  it('say what is not known', () => {
    expect(rateWords(null)).toBe('–')
    expect(rateWords({ value: 0, low: null, high: null, errors: 0 })).toBe('0 % (no interval)')
    const { columns } = result(['a', 'b'], true)
    // None of four people: 1 - 0.025^(1/4).
    expect(rateWords(columns[0]!.groups[0]!.fnmr)).toBe('0 % (at most 60.24 %)')
    expect(ratioWords(columns[0]!.fnmr!)).toBe('–')
    expect(verdictWords(columns[0]!.fnmr!, 'FNMR')).toBe('FNMR: nothing went wrong in any group.')
    const some = result(['a', 'b', 'c']).columns[0]!
    expect(ratioWords(some.fnmr!)).toMatch(/^1\.00 \[1\.00, /)
    expect(verdictWords(some.fnmr!, 'FNMR')).toMatch(/no difference is shown/)
    const shown = { larger: 'a', smaller: 'b' }
    expect(verdictWords({ ...some.fnmr!, low: 2, shown }, 'FNMR')).toBe(
      'FNMR: a has at least 2.00 times that of b.',
    )
    expect(ratioWords({ ...some.fnmr!, maxToMin: null, low: 2 })).toBe('at least 2.00')
  })
})
