import { search } from '@arcface/evaluate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onnxMatMul } from './matmul.js'

const numbers = (count: number, turn: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i + turn) / 2)
const size = fc.integer({ min: 1, max: 20 })

describe('onnxMatMul', () => {
  it('is the product and its largest a column, written where it is told', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, size, async (m, n, dim) => {
        const [block, rows] = [numbers(m * dim, 1), numbers(n * dim, 2)]
        // Longer than needed: what lies behind stays.
        const [out, best] = [new Float32Array(m * n + 3).fill(7), new Float32Array(n + 2).fill(7)]
        const product = await onnxMatMul({ threads: 1 })(rows, n, dim)
        await product.times(block, m, out, best)
        await product.release()
        const expected = Array.from({ length: m * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n]
          let sum = 0
          for (let k = 0; k < dim; k++) sum += block[i * dim + k]! * rows[j * dim + k]!
          return sum
        })
        expected.forEach((value, at) => {
          expect(out[at]).toBeCloseTo(value, 5)
        })
        for (let j = 0; j < n; j++) {
          expect(best[j]).toBe(Math.max(...out.subarray(0, m * n).filter((_, at) => at % n === j)))
        }
        expect([...out.subarray(m * n), ...best.subarray(n)]).toEqual([7, 7, 7, 7, 7])
      }),
      { numRuns: 20 },
    )
  })

  it('searches: on a circle the nearest is found', async () => {
    const circle = (count: number, turn: number) =>
      Float32Array.from({ length: 2 * count }, (_, i) => {
        const angle = (2 * Math.PI * ((i >> 1) + turn)) / count
        return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
      })
    const [n, g] = [90, 600]
    const result = await search({
      probes: { embeddings: circle(n, 0.02), dim: 2 },
      probeOf: new Int32Array(n),
      gallery: [circle(g, 0)],
      galleryOf: new Int32Array(g).fill(-1),
      matmul: onnxMatMul({ threads: 1 }),
      keep: 1,
    })
    const nearest = Array.from({ length: n }, (_, p) => Math.round(((p + 0.02) * g) / n) % g)
    expect([...result.otherRows]).toEqual(nearest)
  })

  it('refuses sizes that do not fit', async () => {
    const use = { code: 'RECOGNIZE_USE' }
    expect(() => onnxMatMul({ threads: 0 })).toThrow(expect.objectContaining(use))
    const matmul = onnxMatMul({ threads: 1 })
    await expect(matmul(new Float32Array(5), 2, 3)).rejects.toMatchObject(use)
    await expect(matmul(new Float32Array(5), 0, 3)).rejects.toMatchObject(use)
    const product = await matmul(new Float32Array(6), 2, 3)
    const three = new Float32Array(3)
    await expect(product.times(three, 1, new Float32Array(1), three)).rejects.toMatchObject(use)
    await expect(product.times(three, 0, three, three)).rejects.toMatchObject(use)
    await product.release()
  })
})
