import fc from 'fast-check'
import { expect, it } from 'vitest'
import { paintBilinear } from './bilinear.js'

const sides = fc.record({
  width: fc.integer({ min: 1, max: 9 }),
  height: fc.integer({ min: 1, max: 9 }),
})

it('is the bilinear formula, at any size', () => {
  fc.assert(
    fc.property(sides, sides, fc.integer(), ({ width, height }, to, seed) => {
      const pixels = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => Math.abs(Math.imul(seed + i, 2654435761)) % 256,
      )
      const stride = to.width + 2
      const out = new Float32Array(3 * stride * (to.height + 1)).fill(7)
      const size = { columns: to.width, rows: to.height }
      paintBilinear({ width, height, pixels }, size, [2, 1, 0], 100, 0.5, out, stride)
      const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most)
      /** Each pixel counts by how near its middle is. */
      const expected = (channel: number, u: number, v: number) => {
        const x = clamp(((u + 0.5) * width) / to.width - 0.5, width - 1)
        const y = clamp(((v + 0.5) * height) / to.height - 0.5, height - 1)
        let sum = 0
        for (let j = 0; j < height; j++)
          for (let i = 0; i < width; i++) {
            const weight = Math.max(0, 1 - Math.abs(i - x)) * Math.max(0, 1 - Math.abs(j - y))
            sum += weight * pixels[(j * width + i) * 3 + channel]!
          }
        return (sum - 100) * 0.5
      }
      out.forEach((value, i) => {
        const plane = Math.floor((i * 3) / out.length)
        const [u, v] = [i % stride, Math.floor((i % (out.length / 3)) / stride)]
        if (u >= to.width || v >= to.height) expect(value).toBe(7)
        else expect(value).toBeCloseTo(expected(2 - plane, u, v), 3)
      })
    }),
  )
})
