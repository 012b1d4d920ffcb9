import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TEMPLATE } from '../align/align.js'
import { HEAD, poseInPicture, poseOf } from './pose.js'
import { qualityOf, textureOf } from './quality.js'

type Matrix = number[][]
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)))

/** x right, y down, z towards the camera: roll first, then pitch, then yaw. */
function rotation(yaw: number, pitch: number, roll: number): Matrix {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)]
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)]
  const turn = [
    [cr, -sr, 0],
    [sr, cr, 0],
    [0, 0, 1],
  ]
  const nod = [
    [1, 0, 0],
    [0, cp, sp],
    [0, -sp, cp],
  ]
  const shake = [
    [cy, 0, sy],
    [0, 1, 0],
    [-sy, 0, cy],
  ]
  return product(product(shake, nod), turn)
}

describe('poseOf', () => {
  it('finds the rotation by which a head was turned', () => {
    const angle = fc.double({ min: -1, max: 1, noNaN: true })
    const number = fc.double({ min: 0.1, max: 20, noNaN: true })
    fc.assert(
      fc.property(angle, angle, angle, number, number, (yaw, pitch, roll, scale, shift) => {
        const turned = product(HEAD as unknown as Matrix, transpose(rotation(yaw, pitch, roll)))
        const points = turned.map(([x, y]) => ({ x: scale * x! + shift, y: scale * y! - shift }))
        const pose = poseOf(points)
        expect(pose.yaw).toBeCloseTo(yaw, 6)
        expect(pose.pitch).toBeCloseTo(pitch, 6)
        expect(pose.roll).toBeCloseTo(roll, 6)
      }),
    )
  })

  it('of the template looks into the camera', () => {
    for (const value of Object.values(poseOf(TEMPLATE))) expect(value).toBeCloseTo(0, 9)
  })

  it('of a nose that stands to the right looks to the right', () => {
    const points = TEMPLATE.map(({ x, y }, i) => ({ x: i === 2 ? x + 8 : x, y }))
    expect(poseOf(points).yaw).toBeGreaterThan(0.2)
  })
})

describe('poseInPicture', () => {
  it('of a picture that lies: yaw and pitch stay, roll says how it lies', () => {
    const angle = fc.double({ min: -0.4, max: 0.4, noNaN: true })
    const quarters = fc.constantFrom(-1, 0, 1, 2)
    fc.assert(
      fc.property(angle, angle, angle, quarters, (yaw, pitch, roll, turns) => {
        const turned = product(HEAD as unknown as Matrix, transpose(rotation(yaw, pitch, roll)))
        const upright = turned.map(([x, y]) => ({ x: x!, y: y! }))
        const [cos, sin] = [
          [1, 0],
          [0, 1],
          [-1, 0],
          [0, -1],
        ][(turns + 4) % 4] as [number, number]
        const lying = upright.map(({ x, y }) => ({ x: cos * x - sin * y, y: sin * x + cos * y }))
        const pose = poseInPicture(lying)
        expect(pose.yaw).toBeCloseTo(yaw, 6)
        expect(pose.pitch).toBeCloseTo(pitch, 6)
        expect(Math.cos(pose.roll - roll - (turns * Math.PI) / 2)).toBeCloseTo(1, 9)
        expect(Math.abs(pose.roll)).toBeLessThanOrEqual(Math.PI)
      }),
    )
  })
})
const transpose = (a: Matrix) => a[0]!.map((_, j) => a.map((row) => row[j]!))

describe('texture', () => {
  const { sin, PI } = Math
  const of = (grey: (x: number, y: number) => number) =>
    textureOf(
      Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => {
        const at = Math.floor(i / 3)
        return Math.round(grey(at % 112, Math.floor(at / 112)))
      }),
    )
  // Two pixels make one of those that are looked at, which `half` counts.
  const half = (at: number) => Math.floor(at / 2)

  it('of a slope: neither sharp nor noisy', () => {
    const { sharpness, noise } = of((x, y) => x + y)
    expect(sharpness).toBeCloseTo(0, 6)
    expect(noise).toBeCloseTo(0, 6)
  })

  it('sharpness is the least variance of second differences: none along stripes', () => {
    // Along a row of 0, v, 0, v the second difference is 2v and -2v.
    expect(of((x) => 10 * (half(x) % 2)).sharpness).toBeCloseTo(0, 6)
    expect(of((_, y) => 10 * (half(y) % 2)).sharpness).toBeCloseTo(0, 6)
    // Waves of amplitude s and frequency w in rows and columns: s^2 (2 - 2 cos w)^2 / 2 along these, along the diagonals,
    // where half of each counts, half as much.
    const wave = (at: number) => sin((PI * half(at)) / 4)
    const expected = 50 ** 2 * (2 - 2 * Math.cos(PI / 4)) ** 2 * 0.25
    const { sharpness } = of((x, y) => 128 + 50 * (wave(x) + wave(y)))
    expect(sharpness / expected).toBeGreaterThan(0.9)
    expect(sharpness / expected).toBeLessThan(1.1)
  })

  it('of a face that moved sideways is far less sharp than of one that did not', () => {
    const still = (x: number, y: number) => 128 + 60 * sin(x / 3) * sin(y / 3)
    const moved = (x: number, y: number) => {
      const seen = Array.from({ length: 15 }, (_, i) => still(x + i - 7, y))
      return seen.reduce((sum, one) => sum + one, 0) / seen.length
    }
    expect(of(moved).sharpness).toBeLessThan(of(still).sharpness / 4)
  })

  it('noise is the deviation of independent values; stripes have none', () => {
    const random = (x: number, y: number) => {
      const value = sin(half(x) * 12.9898 + half(y) * 78.233) * 43758.5453
      return 255 * (value - Math.floor(value))
    }
    // Of values from 0 to 255 all alike likely; variance over deviation is the deviation.
    const deviation = 255 / Math.sqrt(12)
    expect(of(random).noise / deviation).toBeGreaterThan(0.9)
    expect(of(random).noise / deviation).toBeLessThan(1.1)
    expect(of((x) => 100 * (half(x) % 2)).noise).toBeCloseTo(0, 6)
  })

  it('is flat where greys rise evenly, in blocks and slopes, not in waves', () => {
    expect(of((x, y) => 20 * Math.floor(x / 16) + 10 * Math.floor(y / 16)).flat).toBeGreaterThan(
      0.7,
    )
    expect(of((x, y) => x + y).flat).toBe(1)
    expect(of((x, y) => 128 + 50 * (sin(x / 3) + sin(y / 5))).flat).toBeLessThan(0.1)
  })

  it('comes with the distance between the eyes', () => {
    const box = { x: 0, y: 0, width: 9, height: 9 }
    const detection = { box, score: 1, plausibility: 0.7, points: TEMPLATE }
    const quality = qualityOf(detection, new Uint8Array(112 * 112 * 3))
    expect(quality.eyes).toBeCloseTo(35.24, 2)
    expect(quality).toMatchObject({ sharpness: 0, noise: 0, plausibility: 0.7 })
  })
})
