import { describe, expect, it } from 'vitest'
import { joinRows } from '../../embeddings/rows.js'
import { groupsResultSchema } from '../../groups/schema.js'
import { groupGoldens } from '../../testing/goldens.js'
import { drawPeople, everyPairAbove } from '../../testing/people.js'
import { verification } from '../../verification/verification.js'
import type { EmbeddedPhoto } from '../faces.js'
import { evaluateGroups } from './evaluate.js'
import { planAll, planLists } from './plan.js'

const DIM = 16
/** Twenty-four people of three faces; of the second half faces are less alike. */
const clear = drawPeople(12, 3, DIM, 0.95, 1)
const dim = drawPeople(12, 3, DIM, 0.3, 2)
const embeddings = [clear, dim].flatMap(({ rows }) =>
  Array.from({ length: 36 }, (_, i) => rows.slice(i * DIM, (i + 1) * DIM)),
)
const images = embeddings.map(
  (_, i) => `faces/p${Math.floor(i / 3)}/p${Math.floor(i / 3)}_000${1 + (i % 3)}.jpg`,
)
const table = {
  file: 'groups.csv',
  columns: ['light'],
  rows: Array.from({ length: 24 }, (_, p) => ({
    line: p + 2,
    key: `p${p}`,
    values: { light: p < 12 ? 'day' : 'night' },
  })),
}

async function* photos(
  files: readonly string[],
  without: readonly string[] = [],
): AsyncGenerator<EmbeddedPhoto[]> {
  for (const path of files)
    yield [
      without.includes(path)
        ? { path, skipped: 'no face found' }
        : { path, faces: [{ face: null, embedding: embeddings[images.indexOf(path)]! }] },
    ]
}

const options = { pairsAbove: everyPairAbove, replicates: 50 }

describe('evaluateGroups', () => {
  it('shows a difference that there is, at the threshold that these images have at a FAR', async () => {
    const plan = planAll(images, table)
    const { result, skipped } = await evaluateGroups(plan, photos(images), DIM, {
      ...options,
      threshold: { far: 0.01 },
    })
    expect(groupsResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
    expect(skipped).toEqual([])
    expect(result.threshold).toMatchObject({ far: 0.01, from: 'images' })
    expect(result.threshold.source).toBe('2,484 pairs of 24 people, these images')
    expect(result.fmr!.value).toBeLessThanOrEqual(0.01)
    expect(result.fmr!.value).toBeGreaterThan(0.009)
    const [column] = result.columns
    expect(column!.fnmr).toMatchObject({ largest: 'night', smallest: 'day' })
    expect(column!.fnmr!.low).toBeGreaterThan(1)
    expect(column!.groups.map(({ people, images }) => [people, images])).toEqual([
      [12, 36],
      [12, 36],
    ])
  })

  it('counts photographs without a face by their groups, and goes on without a group that has none left', async () => {
    const plan = planAll(images, {
      ...table,
      rows: table.rows.map((row, p) => (p < 6 ? { ...row, values: { light: 'dusk' } } : row)),
    })
    const without = images.slice(0, 17)
    const threshold = { cosine: 0.5, far: null, from: 'given', source: null } as const
    const { result, skipped } = await evaluateGroups(plan, photos(images, without), DIM, {
      ...options,
      threshold,
    })
    expect(skipped).toHaveLength(17)
    const [column] = result.columns
    expect(column!.leftOut).toEqual(['dusk'])
    expect(column!.groups.map(({ name, skipped }) => [name, skipped])).toEqual([
      ['day', 0],
      ['night', 0],
    ])
    const one = await evaluateGroups(plan, photos(images, images.slice(0, 2)), DIM, {
      ...options,
      threshold,
    })
    expect(one.result.columns[0]!.groups.map(({ name, skipped }) => [name, skipped])).toEqual([
      ['day', 0],
      ['dusk', 2],
      ['night', 0],
    ])
  })

  it("measures lists of groups by RFW's protocol", async () => {
    const half = (from: number) => {
      const own = images.slice(from, from + 36)
      const people = Array.from({ length: 12 }, (_, p) => 3 * p)
      return {
        images: own,
        a: Int32Array.from(people.flatMap((i) => [i, i, i])),
        b: Int32Array.from(people.flatMap((i) => [i + 1, (i + 3) % 36, (i + 7) % 36])),
        same: Uint8Array.from(people.flatMap(() => [1, 0, 0])),
        folds: 4,
      }
    }
    const lists = [
      { name: 'day', pairs: half(0) },
      { name: 'night', pairs: half(36) },
    ]
    const plan = planLists(lists, 'light')
    const { result } = await evaluateGroups(plan, photos(plan.files), DIM, {
      ...options,
      threshold: { far: 0.1 },
    })
    const [column] = result.columns
    expect(result.pairs).toBe('list')
    expect(column!.groups[0]!.fmr!.trials).toBe(24)
    const expected = lists.map(({ pairs: { images: own, ...pairs } }) => {
      const rows = joinRows(own.map((image) => embeddings[images.indexOf(image)]!))
      return verification({ ...pairs, embeddings: rows, dim: DIM })
    })
    for (const [i, { accuracy, std }] of expected.entries()) {
      expect(column!.groups[i]!.accuracy).toMatchObject({ folds: 4 })
      expect(column!.groups[i]!.accuracy!.value).toBeCloseTo(accuracy, 12)
      expect(column!.groups[i]!.accuracy!.std).toBeCloseTo(std, 12)
    }
    expect(expected[1]!.accuracy).toBeLessThan(expected[0]!.accuracy)
    expect(column!.accuracy!.mean).toBeCloseTo(
      (expected[0]!.accuracy + expected[1]!.accuracy) / 2,
      12,
    )
    // Nobody of one is compared with somebody of the other.
    expect(column!.across).toEqual([{ groups: ['day', 'night'], fmr: null, fnmr: null }])
  })
})

it("accuracies of groups differ as RFW's tables have it", async () => {
  const { accuracySpread } = await import('../../groups/accuracy.js')
  const { accuracies, std, skewedErrorRatio } = groupGoldens().rfw
  const found = accuracySpread(accuracies.map((percent) => percent / 100))
  expect(100 * found.std).toBeCloseTo(std, 10)
  expect(found.skewedErrorRatio).toBeCloseTo(skewedErrorRatio, 10)
})
