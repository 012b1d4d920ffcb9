import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lightRelief } from './light.js'
import { drawNuisance } from './nuisance.js'
import { ORIGIN_X, ORIGIN_Y, TEXTURE } from './relief.js'

const middle = ORIGIN_Y * TEXTURE + ORIGIN_X

/** A plane z = slopeX u + slopeY v. */
function plane(slopeX: number, slopeY: number): Float32Array {
  return Float32Array.from(
    { length: TEXTURE * TEXTURE },
    (_, i) => slopeX * ((i % TEXTURE) - ORIGIN_X) + slopeY * (Math.floor(i / TEXTURE) - ORIGIN_Y),
  )
}

describe('lightRelief', () => {
  it("follows Lambert's law on a turned plane", () => {
    const slope = fc.double({ min: -1, max: 1, noNaN: true })
    const angle = fc.double({ min: -0.5, max: 0.5, noNaN: true })
    fc.assert(
      fc.property(slope, slope, angle, angle, fc.nat(), (sx, sy, yaw, pitch, seed) => {
        const nuisance = { ...drawNuisance(new Random(seed)), pose: { yaw, pitch } }
        const { light } = nuisance
        // Here the normal turns with the head: first about the vertical axis, then about the horizontal one.
        const [nx, ny, nz] = [-sx, -sy, 1].map((v) => v / Math.hypot(sx, sy, 1)) as [
          number,
          number,
          number,
        ]
        const x = nx * Math.cos(yaw) + nz * Math.sin(yaw)
        const depth = -nx * Math.sin(yaw) + nz * Math.cos(yaw)
        const y = ny * Math.cos(pitch) - depth * Math.sin(pitch)
        const z = ny * Math.sin(pitch) + depth * Math.cos(pitch)
        const [lx, ly, lz] = light.direction
        const expected = light.ambient + light.diffuse * Math.max(x * lx + y * ly + z * lz, 0)
        const { gain } = lightRelief(plane(sx, sy), nuisance)
        expect(Math.abs(gain[middle]! - expected)).toBeLessThan(1e-4)
      }),
      { numRuns: 50 },
    )
  })
})
