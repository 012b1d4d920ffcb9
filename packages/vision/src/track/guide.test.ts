import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goodnessOf } from './goodness.js'
import { Guide, HINTS, type Look } from './guide.js'

const good: Look = {
  quality: {
    eyes: 80,
    plausibility: 0.95,
    sharpness: 200,
    noise: 0.4,
    flat: 0.01,
    yaw: 0,
    pitch: 0.2,
    roll: 0,
    brightness: 130,
    contrast: 40,
    sides: 0.05,
  },
  speed: 0.1,
  outside: 0,
}
const quality = (changed: Partial<Look['quality']>): Look => ({
  ...good,
  quality: { ...good.quality, ...changed },
})
const hintOf = (look: Look) => new Guide().update(look, 0)
const rank = (look: Look) => HINTS.indexOf(hintOf(look).hint)

const share = (max: number) => fc.double({ min: 0, max, noNaN: true })
const anyLook: fc.Arbitrary<Look> = fc.record({
  quality: fc.record({
    eyes: share(100),
    plausibility: share(1),
    sharpness: share(300),
    noise: share(3),
    flat: share(1),
    yaw: share(1.5),
    pitch: share(1.5),
    roll: share(3),
    brightness: share(255),
    contrast: share(60),
    sides: share(1),
  }),
  speed: share(4),
  outside: share(1),
})
/** At least as good in every figure. */
const better = (a: Look, b: Look): Look => {
  const [p, q] = [a.quality, b.quality]
  const { max, min, abs } = Math
  return {
    quality: {
      eyes: max(p.eyes, q.eyes),
      plausibility: max(p.plausibility, q.plausibility),
      sharpness: max(p.sharpness, q.sharpness),
      noise: min(p.noise, q.noise),
      flat: min(p.flat, q.flat),
      yaw: min(abs(p.yaw), abs(q.yaw)),
      pitch: min(abs(p.pitch), abs(q.pitch)),
      roll: q.roll,
      brightness: max(p.brightness, q.brightness),
      contrast: max(p.contrast, q.contrast),
      sides: min(p.sides, q.sides),
    },
    speed: min(a.speed, b.speed),
    outside: min(a.outside, b.outside),
  }
}

describe('guidance', () => {
  it.each([
    ['nearer', 'eyes', quality({ eyes: 20 })],
    ['inside', 'outside', { ...good, outside: 0.3 }],
    ['forward', 'yaw', quality({ yaw: -0.9 })],
    ['forward', 'pitch', quality({ pitch: 0.9 })],
    ['forward', 'plausibility', quality({ plausibility: 0.4 })],
    ['light', 'brightness', quality({ brightness: 20 })],
    ['light', 'contrast', quality({ contrast: 5 })],
    ['light', 'sides', quality({ sides: 0.6 })],
    ['light', 'noise', quality({ noise: 2 })],
    ['light', 'flat', quality({ flat: 0.5 })],
    ['still', 'speed', { ...good, speed: 3 }],
    ['still', 'sharpness', quality({ sharpness: 30 })],
  ])('%s because of %s', (hint, figure, look) => {
    expect(hintOf(look)).toMatchObject({ hint, because: { figure } })
  })

  it('says nothing where all is well, and the first thing first', () => {
    expect(hintOf(good)).toEqual({ hint: 'ok' })
    expect(hintOf({ ...quality({ eyes: 10, yaw: 1, sharpness: 0 }), outside: 1 }).hint).toBe(
      'nearer',
    )
    expect(hintOf(quality({ sharpness: Number.NaN })).hint).toBe('still')
  })

  it('of a look that is better in every figure is no earlier one; so is the goodness of its quality', () => {
    fc.assert(
      fc.property(anyLook, anyLook, (a, b) => {
        const best = better(a, b)
        expect(rank(best)).toBeGreaterThanOrEqual(rank(a))
        expect(goodnessOf(best.quality)).toBeGreaterThanOrEqual(goodnessOf(a.quality))
      }),
    )
  })

  it('does not flicker where a figure trembles about its limit', () => {
    const around = fc.array(fc.double({ min: 0.95, max: 1.05, noNaN: true }), { minLength: 40 })
    fc.assert(
      fc.property(around, (trembling) => {
        const guide = new Guide()
        const said = trembling.map(
          (by, i) => guide.update(quality({ eyes: 36 * by }), i * 100).hint,
        )
        expect(said.filter((hint, i) => i > 0 && hint !== said[i - 1]).length).toBeLessThanOrEqual(
          1,
        )
      }),
    )
  })

  it('changes no sooner than a new hint held for 300 ms, and then it does', () => {
    fc.assert(
      fc.property(fc.array(anyLook, { minLength: 1, maxLength: 60 }), (looks) => {
        const guide = new Guide()
        let [hint, since] = ['', -Infinity]
        looks.forEach((look, i) => {
          const now = guide.update(look, i * 60).hint
          if (now === hint) return
          expect(i * 60 - since).toBeGreaterThanOrEqual(300)
          ;[hint, since] = [now, i * 60]
        })
        const end = looks.length * 60
        for (let time = end; time <= end + 300; time += 60) guide.update(good, time)
        expect(guide.update(good, end + 360).hint).toBe('ok')
      }),
    )
  })

  it('says what a figure is and should be', () => {
    const guide = new Guide()
    for (const time of [0, 100, 200]) guide.update(quality({ eyes: 20 }), time)
    const { because } = guide.update(quality({ eyes: 25 }), 300)
    expect(because).toEqual({ figure: 'eyes', value: 25, limit: 36 })
  })

  it('refuses what is no time', () => {
    expect(() => new Guide(-1)).toThrow(/hold/)
  })
})

describe('goodness', () => {
  const best = {
    ...good.quality,
    eyes: 1e9,
    sharpness: 1e9,
    noise: 0,
    flat: 0,
    yaw: 0,
    pitch: 0,
    plausibility: 1,
  }
  it('is 1 of a perfect picture, a half with one figure where faces are rejected, 0 with none', () => {
    expect(goodnessOf(best)).toBeCloseTo(1, 6)
    for (const limit of [
      { eyes: 14 },
      { sharpness: 50 },
      { noise: 1.5 },
      { yaw: -1.2 },
      { pitch: 1 },
      { plausibility: 0.5 },
      { flat: 0.5 },
    ])
      expect(goodnessOf({ ...best, ...limit })).toBeCloseTo(0.5, 6)
    expect(goodnessOf({ ...best, eyes: 0 })).toBe(0)
  })
})
