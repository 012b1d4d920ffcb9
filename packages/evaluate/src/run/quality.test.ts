import { BEST_QUALITY } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { evaluateQuality, type GradedPhoto } from './quality.js'

const DIM = 16
const { rows, person } = drawPeople(12, 4, DIM, 0.9)

/** Faces of people in folders; of every fourth the embedding is another's, short, and its picture blurred. */
async function* photos(known = true): AsyncGenerator<readonly GradedPhoto[]> {
  for (const [i, one] of person.entries()) {
    const isPoor = i % 4 === 3
    const from = isPoor ? (i + 17) % person.length : i
    const embedding = rows.slice(from * DIM, (from + 1) * DIM)
    const quality = { ...BEST_QUALITY, sharpness: isPoor ? 20 : 300 + i }
    const path = `faces/p${one}/${i}.jpg`
    yield [
      {
        path,
        faces: [
          { face: null, aligned: quality, embedding, ...(known && { norm: isPoor ? 2 : 10 + i }) },
        ],
      },
    ]
  }
  yield [{ path: 'faces/p1/none.jpg', skipped: 'no face found' }]
}
const options = {
  pairsAbove: everyPairAbove,
  total: person.length + 1,
  fmrs: [0.1],
  replicates: 50,
  usual: 20,
}

describe('evaluateQuality', () => {
  it('measures each figure that is known, over all pairs across people', async () => {
    const { results, figures, norm, images, people, skipped } = await evaluateQuality(
      photos(),
      options,
    )
    expect(results.map(({ name }) => name)).toEqual(['grade', 'blur', 'norm'])
    for (const { curves } of results) expect(curves[0]!.fall.value).toBeGreaterThan(0)
    expect({ images, people }).toEqual({ images: 48, people: 12 })
    expect(figures).toHaveLength(48)
    expect(figures[3]!.figures.norm).toBe(2)
    // Of 36 lengths of 10 and more and 12 of 2.
    expect(norm).toBeGreaterThanOrEqual(10)
    expect(skipped).toEqual([{ photo: 'faces/p1/none.jpg', reason: 'no face found' }])
  })

  it('leaves out lengths that a network does not tell, and takes a measure of the caller', async () => {
    const files: string[] = []
    const chance = async (given: readonly string[]) => {
      files.push(...given)
      return Float64Array.from(given, (_, i) => -(i % 7))
    }
    const { results, norm } = await evaluateQuality(photos(false), {
      ...options,
      measures: { chance },
    })
    expect(results.map(({ name }) => name)).toEqual(['grade', 'blur', 'chance'])
    expect(norm).toBeNull()
    expect(files).toHaveLength(48)
  })
})
