import { expect, it } from 'vitest'
import { measuredOf, withLines } from './measured.js'

const told = {
  ...{ from: 10, to: 20, total: 2, step: [10, 20], torn: 0, offset: 99, bytes: 99, file: 'f' },
  series: { loss: [3, 2], lr: { mean: [0.1, 0.2], min: [0, 0], max: [1, 1] } },
  verification: [{ step: 20, set: 'a', accuracy: 0.9, std: 0.01 }, { step: 20 }],
  failures: [{ step: 10, set: 'a', failure: 'torn' }],
}

it('takes means where buckets are told, and of verifications what is whole', () => {
  const measured = measuredOf(told)
  expect(measured.series).toEqual({ loss: [3, 2], lr: [0.1, 0.2] })
  expect(measured.verification).toEqual([
    { step: 20, set: 'a', accuracy: 0.9, std: 0.01, interval: null },
  ])
  expect(measured.failures).toEqual([{ step: 10, set: 'a', failure: 'torn' }])
})

it('goes on with lines as they come, each once', () => {
  const line = { step: 30, loss: 1, seconds: { data: 0.5 }, otherAngle: null }
  const verified = { step: 30, set: 'a', accuracy: 1, std: 0, intervals: null }
  const lines = [{ step: 20, loss: 9 }, line, line, verified, verified, 'torn', null, {}]
  const after = withLines(measuredOf(told), lines)
  expect(after.step).toEqual([10, 20, 30])
  expect(after.series).toEqual({
    loss: [3, 2, 1],
    lr: [0.1, 0.2, null],
    'seconds.data': [null, null, 0.5],
  })
  expect(after.verification.map(({ step }) => step)).toEqual([20, 30])
  expect(after.total).toBe(3)
})
