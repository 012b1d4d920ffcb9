import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TEMPLATE } from '../align/align.js'
import { HEAD, poseInPicture, poseOf } from './pose.js'
import { qualityOf, sharpnessOf } from './quality.js'

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

describe('sharpness', () => {
  it('is the variance of the Laplacian', () => {
    const size = 112
    // A slope has no Laplacian; a chessboard of 0 and v has -4v and 4v, half each.
    const of = (grey: (x: number, y: number) => number) =>
      sharpnessOf(
        Uint8Array.from({ length: size * size * 3 }, (_, i) => {
          const at = Math.floor(i / 3)
          return grey(at % size, Math.floor(at / size))
        }),
      )
    expect(of((x, y) => x + y)).toBeCloseTo(0, 6)
    expect(of((x, y) => ((x + y) % 2) * 10) / 1600).toBeCloseTo(1, 5)
  })

  it('comes with the distance between the eyes', () => {
    const box = { x: 0, y: 0, width: 9, height: 9 }
    const detection = { box, score: 1, plausibility: 0.7, points: TEMPLATE }
    const { eyes, sharpness } = qualityOf(detection, new Uint8Array(112 * 112 * 3))
    expect(eyes).toBeCloseTo(35.24, 2)
    expect(sharpness).toBe(0)
  })
})
