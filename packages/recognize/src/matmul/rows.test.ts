import { HeldFaces, sharedFloats } from '@arcface/vision'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Product } from './rows.js'

let product: Product
beforeAll(async () => {
  product = await Product.open()
})
afterAll(() => product.release())

const part = (length: number, isShared: boolean, turn: number) => {
  const rows = isShared ? sharedFloats(length) : new Float32Array(length)
  for (let i = 0; i < length; i++) rows[i] = Math.sin(i + turn)
  return rows
}

it('is the product in float64, for rows in shared memory and others, on one thread and more', async () => {
  // The largest are more than one slice, and enough for several threads.
  const rows = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1000, max: 5000 }))
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 33 }),
      fc.constantFrom(1, 7, 64, 512),
      fc.array(fc.tuple(rows, fc.boolean()), { minLength: 1, maxLength: 4 }),
      async (m, dim, sizes) => {
        const probes = part(m * dim, false, 0.5)
        const parts = sizes.map(([n, isShared], p) => part(n * dim, isShared, p))
        const pieces = await product.times(
          probes,
          parts.map((rows) => ({ rows })),
          dim,
        )
        const told: [part: number, row: number][] = []
        for (const { part, first, scores } of pieces) {
          const n = scores.length / m
          for (let j = 0; j < n; j++) told.push([part, first + j])
          for (const [i, j] of [
            [0, 0],
            [m - 1, n - 1],
            [m >> 1, n >> 1],
            [m - 1, 0],
          ] as const) {
            let sum = 0
            for (let k = 0; k < dim; k++)
              sum += probes[i * dim + k]! * parts[part]![(first + j) * dim + k]!
            expect(Math.abs(scores[i * n + j]! - sum)).toBeLessThan(1e-6 * dim + 1e-6)
          }
        }
        expect(told).toEqual(
          sizes.flatMap(([n], p) => Array.from({ length: n }, (_, row) => [p, row])),
        )
        // Nothing of the caller's was moved away.
        expect([probes, ...parts].map(({ length }) => length)).toEqual([
          m * dim,
          ...sizes.map(([n]) => n * dim),
        ])
      },
    ),
    { numRuns: 25 },
  )
})

it('reads held faces where they lie: what is removed is zero for the next product', async () => {
  const held = new HeldFaces(4)
  for (let row = 0; row < 3000; row++)
    held.add(row, { id: `${row}`, person: 'a', source: null }, Float32Array.of(row, 1, 0, 0))
  expect(held.parts()[0]!.rows.buffer).toBeInstanceOf(SharedArrayBuffer)
  const scores = async () => {
    const pieces = await product.times(Float32Array.of(1, 0, 0, 0), held.parts(), 4)
    return pieces.flatMap((piece) => [...piece.scores])
  }
  expect(await scores()).toEqual(Array.from({ length: 3000 }, (_, row) => row))
  held.remove(2500)
  expect((await scores())[2500]).toBe(0)
  held.add(3000, { id: 'new', person: 'a', source: null }, Float32Array.of(7, 1, 0, 0))
  expect((await scores()).slice(2998)).toEqual([2998, 2999, 7])
  // Another holder's rows of the same number are not taken for these.
  const other = new HeldFaces(4)
  for (let row = 0; row < 3001; row++)
    other.add(row, { id: `${row}`, person: 'a', source: null }, Float32Array.of(-row, 1, 0, 0))
  const pieces = await product.times(Float32Array.of(1, 0, 0, 0), other.parts(), 4)
  expect(pieces.flatMap((piece) => [...piece.scores])[9]).toBe(-9)
  expect((await scores())[9]).toBe(9)
})

it('says that it is closed', async () => {
  const closed = await Product.open()
  await closed.release()
  await closed.release()
  await expect(
    closed.times(new Float32Array(2), [{ rows: new Float32Array(2) }], 2),
  ).rejects.toMatchObject({
    code: 'RECOGNIZE_RUN',
  })
})
