import { describe, expect, it } from 'vitest'
import { rowOf, toyRuns } from './result.js'

const frame = {
  step: 0,
  intraDegrees: 1,
  interDegrees: 2,
  gapDegrees: -1,
  wEcDegrees: null,
  wInterDegrees: null,
  points: [1, 0, 0, 1],
  centres: [0, -1],
}
const run = { dim: 2, identities: 1, labels: [0, 0], loss: { m1: 1 }, frames: [frame] }

describe('toyRuns', () => {
  it('reads what the command puts out, and nothing that could not be drawn', () => {
    expect(toyRuns({ runs: [run] })).toEqual([run])
    for (const other of [
      null,
      'text',
      {},
      { runs: [] },
      { runs: [{ ...run, dim: 4 }] },
      { runs: [{ ...run, labels: [0] }] },
      { runs: [{ ...run, frames: [] }] },
      { runs: [{ ...run, frames: [{ ...frame, intraDegrees: null }] }] },
      { runs: [{ ...run, frames: [{ ...frame, points: [1, 0, 0, null] }] }] },
      { runs: [{ ...run, frames: [{ ...frame, centres: undefined }] }] },
    ])
      expect(toyRuns(other)).toBeNull()
    expect(rowOf(frame.points, 1, 2)).toEqual([0, 1])
  })
})
