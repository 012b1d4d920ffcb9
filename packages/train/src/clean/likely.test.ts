import { radians } from '@arcface/evaluate'
import { liveTensors } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { likelyPeople } from './likely.js'

const at = (degree: number) => [Math.cos(radians(degree)), Math.sin(radians(degree))]

describe('likelyPeople', () => {
  // Three people on the circle; an image at each angle, all filed under person 0.
  const dominant = Float64Array.from([0, 100, 220].flatMap(at))
  const degrees = [90, 230, 160, 5, 45]
  const given = {
    embeddings: Float32Array.from(degrees.flatMap((degree) => at(degree).map((x) => 7 * x))),
    labels: degrees.map(() => 0),
    dim: 2,
    classes: 3,
  }

  it('is the nearest of the others, and nobody beyond the limit', () => {
    const before = liveTensors()
    const found = likelyPeople(given, [4, 0, 1, 2, 3], dominant, radians(58))
    // 45 is as near to 100 as 55 degrees; 160 is 60 from both; 5 is near its own person only.
    expect(found.map((one) => one?.label ?? null)).toEqual([1, 1, 2, null, null])
    expect(found[0]!.angle).toBeCloseTo(radians(55), 5)
    expect(found[1]!.angle).toBeCloseTo(radians(10), 5)
    expect(found[2]!.angle).toBeCloseTo(radians(10), 5)
    expect(likelyPeople(given, [], dominant, 1)).toEqual([])
    expect(liveTensors()).toBe(before)
  })

  it('is nobody where there is one person', () => {
    const one = { ...given, classes: 1 }
    expect(likelyPeople(one, [0], dominant.subarray(0, 2), 3)).toEqual([null])
  })
})
