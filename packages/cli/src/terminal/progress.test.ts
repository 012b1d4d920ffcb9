import { describe, expect, it } from 'vitest'
import { progressLine, timeLeft } from './progress.js'

describe('progressLine', () => {
  it.each([
    [0, 200, 0, 0, '[------------------------] 0 of 200 photographs'],
    // A second has not passed, so nothing is known of the speed.
    [50, 200, 0, 0.5, '[######------------------] 50 of 200 photographs'],
    [50, 200, 0, 10, '[######------------------] 50 of 200 photographs, 5.0/s, 30 s left'],
    // What was done by an earlier run says nothing about the speed of this one.
    [150, 200, 100, 10, '[##################------] 150 of 200 photographs, 5.0/s, 10 s left'],
    [100, 6100, 0, 1, '[------------------------] 100 of 6100 photographs, 100/s, 60 s left'],
    [60, 6060, 0, 10, '[------------------------] 60 of 6060 photographs, 6.0/s, 17 min left'],
    [1, 7201, 0, 10, '[------------------------] 1 of 7201 photographs, 0.1/s, 20.0 h left'],
    [200, 200, 0, 10, '[########################] 200 of 200 photographs, 20/s'],
    [0, 0, 0, 10, '[########################] 0 of 0 photographs'],
  ])('%i of %i', (done, total, since, seconds, line) => {
    expect(progressLine('photographs', { done, total, since, seconds })).toBe(line)
  })
})

describe('timeLeft', () => {
  // Ten pieces a second: never "2m60s" or "60 min 60 s", whatever is rounded up.
  it.each([
    [989, '99 s'],
    [990, '99 s'],
    [991, '2 min'],
    [1000, '2 min'],
    [1200, '2 min'],
    [1201, '3 min'],
    [1799, '3 min'],
    [1800, '3 min'],
    [59_399, '99 min'],
    [59_400, '99 min'],
    [59_401, '1.7 h'],
    [108_000, '3.0 h'],
  ])('of %i pieces at ten a second is %s', (left, text) => {
    const work = { done: 100, total: 100 + left, since: 0, seconds: 10 }
    expect(timeLeft(work)).toBe(`${text} left`)
  })
})
