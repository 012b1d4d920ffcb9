import fc from 'fast-check'
import { expect, it } from 'vitest'
import { boundsOfProducts, quantizeRows } from './bytes.js'

const dot = (a: Float32Array, i: number, b: Float32Array, j: number, dim: number) => {
  let sum = 0
  for (let k = 0; k < dim; k++) sum += a[i * dim + k]! * b[j * dim + k]!
  return sum
}

/** Rows of many shapes: some numbers spread out, some next to one axis, some of nothing; of any length, also not 1. */
const rows = (dim: number, count: fc.Arbitrary<number>) =>
  count.chain((n) =>
    fc
      .array(
        fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: -1, max: 1, noNaN: true })),
        {
          minLength: n * dim,
          maxLength: n * dim,
        },
      )
      .map((all) => Float32Array.from(all)),
  )

it('bounds every product, tells of all pairs that may reach the floor, and of few that cannot', () => {
  const size = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(
      fc
        .constantFrom(1, 3, 16)
        .chain((dim) => fc.tuple(fc.constant(dim), rows(dim, size), rows(dim, size))),
      fc.double({ min: -3, max: 3, noNaN: true }),
      ([dim, x, y], at) => {
        const [probes, panel] = [quantizeRows(x, dim), quantizeRows(y, dim)]
        const [m, n] = [x.length / dim, y.length / dim]
        const products = new Int32Array(m * n)
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++)
            for (let k = 0; k < dim; k++)
              products[i * n + j]! += probes.bytes[i * dim + k]! * panel.bytes[j * dim + k]!
        for (const floor of [-Infinity, at]) {
          const floors = new Float32Array(m).fill(floor)
          const { counts, rows, most, slack } = boundsOfProducts(
            products,
            panel,
            probes,
            floors,
            dim,
          )
          let next = 0
          for (let i = 0; i < m; i++) {
            const told = new Map<number, number>()
            for (let c = 0; c < counts[i]!; c++, next++) told.set(rows[next]!, most[next]!)
            for (let j = 0; j < n; j++) {
              const truth = dot(x, i, y, j, dim)
              const bound = told.get(j)
              if (truth >= floors[i]!) expect(bound).toBeDefined()
              if (bound === undefined) continue
              expect(bound).toBeGreaterThanOrEqual(truth)
              expect(bound - slack[i]!).toBeLessThanOrEqual(truth)
              expect(bound).toBeGreaterThanOrEqual(floors[i]! - 1e-6)
            }
          }
          expect(next).toBe(rows.length)
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('loses little: a product of faces is known to some hundredths', () => {
  const dim = 512
  const numbers = Float32Array.from(
    { length: 20 * dim },
    (_, i) => Math.sin(i * i * 0.37) / Math.sqrt(dim / 2),
  )
  const { slack } = boundsOfProducts(
    new Int32Array(400),
    quantizeRows(numbers, dim),
    quantizeRows(numbers, dim),
    new Float32Array(20).fill(-Infinity),
    dim,
  )
  for (const one of slack) expect(one).toBeLessThan(0.03)
})
