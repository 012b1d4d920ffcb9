import { describe, expect, it } from 'vitest'
import { gradeOf } from './grade.js'
import {
  judgeAligned,
  judgeFace,
  limitsOf,
  type Rejection,
  reasonsOf,
  rejectionsOf,
} from './limits.js'
import type { Quality } from './quality.js'

const good: Quality = {
  eyes: 60,
  sharpness: 500,
  noise: 0.1,
  flat: 0.01,
  plausibility: 0.95,
  yaw: 0,
  pitch: 0,
  roll: 3,
  brightness: 130,
  contrast: 45,
  sides: 0.1,
}
const aligned = (grey: (x: number, y: number) => number) =>
  Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) =>
    grey(Math.floor(i / 3) % 112, Math.floor(i / 336)),
  )

describe('rejectionsOf', () => {
  it.each<[string, Partial<Quality>, Rejection[]]>([
    ['a good face, also on its head', {}, []],
    ['eyes 5 pixels apart', { eyes: 5 }, ['small']],
    ['no contrast', { sharpness: 1 }, ['blurred']],
    ['blocks', { flat: 0.4 }, ['crushed']],
    ['grain', { noise: 2 }, ['noisy']],
    ['a profile', { yaw: -1.5 }, ['turned']],
    ['a look at the ground', { pitch: 1.3 }, ['turned']],
    ['points of no face', { plausibility: 0.2 }, ['implausible']],
    [
      'all at once',
      { eyes: 1, sharpness: 1, yaw: 2, plausibility: 0 },
      ['small', 'blurred', 'turned', 'implausible'],
    ],
    ['what is no number', { eyes: Number.NaN }, ['small']],
  ])('%s', (_, quality, expected) => {
    expect(rejectionsOf({ ...good, ...quality }, limitsOf())).toEqual(expected)
  })

  it('goes by the limits given, the others stay; by none if there are none', () => {
    const poor = { ...good, eyes: 5, sharpness: 1, yaw: 3 }
    expect(rejectionsOf(poor, limitsOf({ eyes: 5 }))).toEqual(['blurred', 'turned'])
    expect(rejectionsOf(good, limitsOf({ eyes: 61, sharpness: 501 }))).toEqual(['small', 'blurred'])
    expect(rejectionsOf(poor, limitsOf(false))).toEqual([])
  })
})

describe('for enrolment', () => {
  const limits = limitsOf({}, 'enrolment')
  const judged = (changed: Partial<Quality>, length?: number, kept = limits) => {
    const quality = { ...good, ...changed }
    return judgeFace({ quality, grade: gradeOf(quality, length) }, kept)
  }

  it.each<[string, Partial<Quality>, number | undefined, Rejection[]]>([
    ['a good face', {}, undefined, []],
    ['a good face, by its embedding too', {}, 1, []],
    ['small, but large enough to be recognised', { eyes: 17 }, 1, ['small']],
    ['a short embedding', {}, 0.62, ['covered']],
    ['in the dark', { brightness: 12 }, 1, ['dark']],
    ['in the glare', { brightness: 245 }, 1, ['bright']],
    ['not blurred, but flat', { sharpness: 465, flat: 0.14 }, 0.7, ['crushed', 'covered']],
    ['half turned away', { yaw: -1.17 }, 1, ['turned']],
    [
      'several things, none of them alone',
      { yaw: 1.05, plausibility: 0.6 },
      0.75,
      ['turned', 'implausible'],
    ],
  ])('%s', (_, changed, length, expected) => {
    expect(judged(changed, length).sort()).toEqual(expected.sort())
    if (expected.join() !== 'small')
      expect(rejectionsOf({ ...good, ...changed }, limitsOf())).toEqual([])
  })

  it('limits given go before its own, whether stricter or laxer', () => {
    expect(judged({ eyes: 15 }, 1, limitsOf({ eyes: 14 }, 'enrolment'))).toEqual([])
    expect(judged({}, 0.62, limitsOf({ grade: 0 }, 'enrolment'))).toEqual([])
    expect(judged({}, 1, limitsOf({ grade: 0.99 }, 'enrolment'))).not.toEqual([])
    expect(judged({ eyes: 1, yaw: 3 }, 0.1, limitsOf(false, 'enrolment'))).toEqual([])
    expect(limitsOf({ sharpness: 10 }, 'enrolment')).toMatchObject({ sharpness: 10, eyes: 20 })
  })

  it('of the texture that is told which costs most', () => {
    const lax = limitsOf({ sharpness: 0, noise: 9, flat: 1 }, 'enrolment')
    expect(judged({ sharpness: 16, noise: 1, flat: 0.03 }, 1, lax)).toEqual(['blurred'])
    expect(judged({ noise: 4, flat: 0.03 }, 1, lax)).toEqual(['noisy'])
    expect(judged({ noise: 1, flat: 0.3 }, 1, lax)).toEqual(['crushed'])
  })

  it('what is no number keeps no limit', () => {
    expect(judged({ brightness: Number.NaN }, 1)).not.toEqual([])
  })
})

it('of a face that was aligned already sharpness and noise are judged', () => {
  const wave = (at: number) => 60 * Math.sin(at / 3)
  expect(
    judgeAligned(
      aligned((x) => x),
      limitsOf(),
    ),
  ).toEqual({
    rejected: ['blurred', 'crushed'],
    reasons: 'blurred (sharpness 0), crushed (100 % of it flat)',
  })
  const sharp = judgeAligned(
    aligned((x, y) => 128 + wave(x) + wave(y)),
    limitsOf(),
  )
  expect(sharp).toEqual({ rejected: [], reasons: '' })
  const grain = (x: number, y: number) =>
    (Math.floor(x / 2) * 7919 + Math.floor(y / 2) * 104729) % 251
  expect(judgeAligned(aligned(grain), limitsOf()).rejected).toEqual(['noisy'])
})

it.each([undefined, 'x', new Uint8Array(9), new Float32Array(112 * 112 * 3)])(
  'of %o nothing is judged',
  (pixels) => {
    expect(() => judgeAligned(pixels as never)).toThrow(
      expect.objectContaining({ code: 'VISION_IMAGES' }),
    )
  },
)

it('reasons have figures, angles in degrees', () => {
  const text = reasonsOf(['small', 'turned'], { ...good, eyes: 4.6, yaw: Math.PI / 2 })
  expect(text).toBe('small (5 pixels between the eyes), turned (yaw 90, pitch 0 degrees)')
})

it.each([
  [{ eyes: -1 }, /quality\.eyes/],
  [{ sharpness: Number.NaN }, /quality\.sharpness/],
  [{ plausibility: 2 }, /quality\.plausibility/],
  [{ eye: 3 }, /"eye"/],
  [true, /quality/],
])('limits %j are refused', (option, message) => {
  expect(() => limitsOf(option as never)).toThrow(
    expect.objectContaining({ code: 'VISION_USE', message: expect.stringMatching(message) }),
  )
})
