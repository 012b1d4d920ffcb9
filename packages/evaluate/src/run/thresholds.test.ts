import { type Face, gradeOf } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { impostorsAcross } from '../threshold/across.js'
import { measureThresholds } from '../threshold/impostors.js'
import type { EmbeddedPhoto } from './faces.js'
import { thresholdsAcross } from './thresholds.js'

const DIM = 16
const quality = {
  eyes: 40,
  sharpness: 30,
  noise: 0,
  flat: 0,
  plausibility: 1,
  yaw: 0,
  pitch: 0,
  roll: 0,
  brightness: 130,
  contrast: 45,
  sides: 0.1,
}
const blurred: Face = {
  box: { x: 0, y: 0, width: 50, height: 50 },
  points: [],
  score: 1,
  quality,
  grade: gradeOf(quality),
  rejected: ['blurred'],
}

/** Twenty people of three faces, in folders; one photograph more that shows nobody, and one that is blurred. */
const { rows, person } = drawPeople(20, 3, DIM, 0.9)
async function* photos(): AsyncGenerator<readonly EmbeddedPhoto[]> {
  for (const [i, one] of person.entries()) {
    const path = `faces/p${one}/${i}.jpg`
    yield [{ path, faces: [{ face: null, embedding: rows.slice(i * DIM, (i + 1) * DIM) }] }]
  }
  const embedding = rows.slice(0, DIM)
  yield [
    { path: 'faces/p3/none.jpg', skipped: 'no face found' },
    { path: 'faces/p4/far.jpg', faces: [{ face: blurred, embedding }] },
  ]
}

const options = { source: 'a set', pairsAbove: everyPairAbove, total: 62 }

describe('thresholdsAcross', () => {
  it('measures all pairs of two people, and says which photographs it could not take', async () => {
    const told: number[] = []
    const { thresholds, ...found } = await thresholdsAcross(photos(), DIM, {
      ...options,
      onProgress: (what, done, total) =>
        told.push(Number(what === 'images' && total === 62) * done),
    })
    const impostors = await impostorsAcross(rows, DIM, person, everyPairAbove)
    expect(thresholds).toEqual(measureThresholds(impostors, 'a set'))
    expect(thresholds.impostors).toMatchObject({ pairs: (60 * 59) / 2 - 20 * 3, people: 20 })
    expect(found).toEqual({
      merged: [],
      leftOut: [],
      skipped: [
        { photo: 'faces/p3/none.jpg', reason: 'no face found' },
        { photo: 'faces/p4/far.jpg', reason: 'the face is blurred (sharpness 30)' },
      ],
    })
    expect(told.at(-1)).toBe(62)
  })

  it('leaves out a picture that lies in two folders, where it is told to', async () => {
    async function* mislabelled(): AsyncGenerator<readonly EmbeddedPhoto[]> {
      yield* photos()
      const embedding = rows.slice(5 * 3 * DIM, (5 * 3 + 1) * DIM)
      yield [{ path: 'faces/p9/wrong.jpg', faces: [{ face: null, embedding }] }]
    }
    const given = { ...options, leaveOutDoubtful: true }
    const { leftOut } = await thresholdsAcross(mislabelled(), DIM, given)
    const why = 'picture under two names'
    expect(leftOut).toEqual([
      { photo: 'faces/p5/15.jpg', person: 'p5', why },
      { photo: 'faces/p9/wrong.jpg', person: 'p9', why },
    ])
  })

  it('ends at the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(thresholdsAcross(photos(), DIM, { ...options, signal })).rejects.toThrow('enough')
  })
})
