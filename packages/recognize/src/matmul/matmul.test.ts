import { existsSync, readFileSync } from 'node:fs'
import { search } from '@arcface/evaluate'
import { GROUP } from '@arcface/vision'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasExactInt8 } from './int8.js'
import { onnxMatMul, selection } from './matmul.js'
import { Product } from './rows.js'

// Something that is open keeps the threads: they need not start for each product.
let open: Product
beforeAll(async () => {
  open = await Product.open()
})
afterAll(() => open.release())

const numbers = (count: number, turn: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i + turn) / 2)
const size = fc.integer({ min: 1, max: 20 })

/** Rows of length 1 of many shapes: some numbers spread out, some next to one axis. */
function unitRows(count: number, dim: number, turn: number): Float32Array {
  const rows = numbers(count * dim, turn)
  for (let i = 0; i < count; i++) {
    if (i % 3 === 1) rows[i * dim + (i % dim)]! += 5
    const row = rows.subarray(i * dim, (i + 1) * dim)
    const length = Math.hypot(...row)
    row.forEach((x, k) => {
      row[k] = x / length
    })
  }
  return rows
}

function product(x: Float32Array, i: number, y: Float32Array, j: number, dim: number): number {
  let sum = 0
  for (let k = 0; k < dim; k++) sum += x[i * dim + k]! * y[j * dim + k]!
  return sum
}

describe('onnxMatMul', () => {
  it('is the product, written where it is told', async () => {
    const sizes = fc.array(size, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(size, sizes, size, async (m, ns, dim) => {
        const block = numbers(m * dim, 1)
        const panels = ns.map((n, p) => numbers(n * dim, 2 + p))
        // Longer than needed: what lies behind stays.
        const out = ns.map((n) => new Float32Array(m * n + 3).fill(7))
        const made = await onnxMatMul({ threads: 1 }).product(panels, dim)
        await made.times(block, m, out)
        await made.release()
        for (const [p, n] of ns.entries()) {
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++)
              expect(out[p]![i * n + j]).toBeCloseTo(product(block, i, panels[p]!, j, dim), 5)
          expect([...out[p]!.subarray(m * n)]).toEqual([7, 7, 7])
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
    await expect(matmul.product([new Float32Array(5)], 3)).rejects.toMatchObject(use)
    await expect(matmul.product([], 3)).rejects.toMatchObject(use)
    await expect(matmul.product([new Float32Array(0)], 3)).rejects.toMatchObject(use)
    const made = await matmul.product([new Float32Array(6)], 3)
    const [block, out] = [new Float32Array(GROUP * 3), new Float32Array(GROUP * 2)]
    for (const [m, a, b] of [
      [0, block, [out]],
      [1.5, block, [out]],
      [GROUP, out, [out]],
      [GROUP, block, []],
      [GROUP, block, [out.subarray(1)]],
    ] as const) {
      await expect(made.times(a, m, b)).rejects.toMatchObject(use)
    }
    await made.times(block, GROUP, [out])
    await made.release()

    await expect(matmul.selection([new Float32Array(5)], 3)).rejects.toMatchObject(use)
    const selected = await matmul.selection([new Float32Array(6)], 3)
    const limits = new Float32Array(2)
    for (const [m, a, b] of [
      [GROUP - 1, block, [limits]],
      [GROUP, out, [limits]],
      [GROUP, block, [limits.subarray(1)]],
      [GROUP, block, []],
    ] as const) {
      await expect(selected.above(a, m, b)).rejects.toMatchObject(use)
    }
    await selected.release()
  })
})

describe('selections', () => {
  it('know whether bytes are multiplied exactly here', async () => {
    // Told by the processor's own list where there is one; elsewhere only that an answer comes.
    const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''
    const exact = await hasExactInt8()
    if (/avx512_vnni|avx_vnni/.test(flags)) expect(exact).toBe(true)
    else expect(typeof exact).toBe('boolean')
  })

  it.each([
    ['int8', true],
    ['float32', false],
  ])('%s: miss nothing, and take only what is near', async (_, int8) => {
    // Bytes multiplied inexactly are not used, so there is nothing to check.
    if (int8 && !(await hasExactInt8())) return
    const sizes = fc.array(size, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.constantFrom(0, 1e-7, -1e-7, 0.01, -0.01, 2),
        async (ns, dim, turn, shift) => {
          const groups = 3
          const block = unitRows(groups * GROUP, dim, turn)
          // A block that is not full has zeros or what was there before.
          block.fill(0, (groups * GROUP - 9) * dim)
          const panels = ns.map((n, p) => unitRows(n, dim, turn + 2 + p))
          // Next to the score of some row, so that it is close to the border.
          const limits = panels.map((rows, p) =>
            Float32Array.from({ length: ns[p]! }, (_, j) =>
              j % 7 === 6 && shift < 2
                ? Number.NEGATIVE_INFINITY
                : product(block, j % (groups * GROUP), rows, j, dim) + shift,
            ),
          )
          const made = await selection(panels, dim, 1, int8)
          const selected = await made.above(block, groups * GROUP, limits)
          await made.release()
          // Rounding to 127 steps loses at most half a step of each number of both rows, either way.
          const lost = int8 ? Math.sqrt(dim) / 254 : 0
          const near = 1e-4 + 2 * (lost + (1 + lost) * lost)
          for (const [p, rows] of panels.entries()) {
            const { columns, scores, best } = selected[p]!
            const f = columns.length
            expect([...columns]).toEqual([...new Set(columns)].sort((a, b) => a - b))
            expect([scores.length, best.length]).toEqual([groups * GROUP * f, groups * f])
            for (let j = 0; j < ns[p]!; j++) {
              const column = Array.from({ length: groups * GROUP }, (_, i) =>
                product(block, i, rows, j, dim),
              )
              const above = Math.max(...column) - limits[p]![j]!
              const c = columns.indexOf(j)
              if (above > 1e-5) expect(c).toBeGreaterThanOrEqual(0)
              if (above < -near) expect(c).toBe(-1)
              if (c < 0) continue
              column.forEach((score, i) => {
                expect(scores[i * f + c]).toBeCloseTo(score, 5)
              })
              for (let g = 0; g < groups; g++) {
                const group = column.map((_, i) => scores[i * f + c]!)
                const largest = Math.max(...group.slice(g * GROUP, (g + 1) * GROUP))
                expect(best[g * f + c]).toBe(largest)
              }
            }
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
