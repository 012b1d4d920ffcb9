import { GROUP, search } from '@arcface/evaluate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onnxMatMul } from './matmul.js'

const numbers = (count: number, turn: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i + turn) / 2)
const size = fc.integer({ min: 1, max: 20 })

describe('onnxMatMul', () => {
  it('is the product and its largest a group, written where it is told', async () => {
    const sizes = fc.array(size, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), sizes, size, async (groups, ns, dim) => {
        const m = groups * GROUP
        const block = numbers(m * dim, 1)
        const panels = ns.map((n, p) => numbers(n * dim, 2 + p))
        // Longer than needed: what lies behind stays.
        const out = ns.map((n) => new Float32Array(m * n + 3).fill(7))
        const best = ns.map((n) => new Float32Array(groups * n + 2).fill(7))
        const product = await onnxMatMul({ threads: 1 })(panels, dim)
        await product.times(block, m, out, best)
        await product.release()
        for (const [p, n] of ns.entries()) {
          for (let j = 0; j < n; j++) {
            for (let g = 0; g < groups; g++) {
              const column = Array.from({ length: GROUP }, (_, i) => {
                const row = g * GROUP + i
                let sum = 0
                for (let k = 0; k < dim; k++)
                  sum += block[row * dim + k]! * panels[p]![j * dim + k]!
                expect(out[p]![row * n + j]).toBeCloseTo(sum, 5)
                return out[p]![row * n + j]!
              })
              expect(best[p]![g * n + j]).toBe(Math.max(...column))
            }
          }
          const behind = [...out[p]!.subarray(m * n), ...best[p]!.subarray(groups * n)]
          expect(behind).toEqual([7, 7, 7, 7, 7])
        }
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
    await expect(matmul([new Float32Array(5)], 3)).rejects.toMatchObject(use)
    await expect(matmul([], 3)).rejects.toMatchObject(use)
    await expect(matmul([new Float32Array(0)], 3)).rejects.toMatchObject(use)
    const product = await matmul([new Float32Array(6)], 3)
    const [block, out] = [new Float32Array(GROUP * 3), new Float32Array(GROUP * 2)]
    const best = new Float32Array(2)
    for (const [m, a, b, c] of [
      [GROUP - 1, block, [out], [best]],
      [0, block, [out], [best]],
      [GROUP, best, [out], [best]],
      [GROUP, block, [], [best]],
      [GROUP, block, [out], [best.subarray(1)]],
    ] as const) {
      await expect(product.times(a, m, b, c)).rejects.toMatchObject(use)
    }
    await product.times(block, GROUP, [out], [best])
    await product.release()
  })
})
