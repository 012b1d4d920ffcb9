import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { symmetricEigen } from './eigen.js'
import { principalComponents } from './principal.js'

describe('symmetricEigen', () => {
  it('is that of matrices whose eigenvalues are known', () => {
    expect([
      ...symmetricEigen([
        [2, 1],
        [1, 2],
      ]).values,
    ]).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)])
    // The second difference of m points has 2 - 2 cos(k pi / (m + 1)).
    const m = 40
    const matrix = Array.from({ length: m }, (_, i) =>
      Array.from({ length: m }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
    )
    const { values, vectors } = symmetricEigen(matrix)
    for (const [i, value] of values.entries()) {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((m - i) * Math.PI) / (m + 1)), 10)
      const image = matrix.map((line) =>
        line.reduce<number>((sum, x, j) => sum + x * vectors[i]![j]!, 0),
      )
      for (const [j, x] of image.entries()) expect(x).toBeCloseTo(value * vectors[i]![j]!, 10)
    }
    expect([
      ...symmetricEigen([
        [0, 0],
        [0, 0],
      ]).values,
    ]).toEqual([0, 0])
  })
})

describe('principalComponents', () => {
  /** Rows with deviation 1 / (k + 1) along direction k of a rotated frame, about a mean far away. */
  const [n, dim] = [3000, 24]
  const random = new Random(5)
  const frame = symmetricEigen(
    ((half) => half.map((line, i) => line.map((x, j) => x + half[j]![i]!)))(
      Array.from({ length: dim }, () => Array.from({ length: dim }, () => random.normal())),
    ),
  ).vectors
  const drawn = Array.from({ length: n }, () =>
    Float64Array.from({ length: dim }, (_, k) => random.normal() / (k + 1)),
  )
  const rows = Float32Array.from(
    drawn.flatMap((own) =>
      Array.from(
        { length: dim },
        (_, d) => 7 + own.reduce((sum, x, k) => sum + x * frame[k]![d]!, 0),
      ),
    ),
  )

  it('finds the directions in which rows were drawn, and the share of each', () => {
    const { coordinates, count, shares } = principalComponents(rows, dim, 3)
    expect(count).toBe(3)
    const total = drawn[0]!.reduce((sum, _, k) => sum + 1 / (k + 1) ** 2, 0)
    for (let k = 0; k < 3; k++) {
      expect(shares[k]).toBeCloseTo(1 / (k + 1) ** 2 / total, 1)
      const [found, own] = [drawn.map((_, i) => coordinates[3 * i + k]!), drawn.map((x) => x[k]!)]
      const length = (x: readonly number[]) => Math.hypot(...x)
      const product = found.reduce((sum, x, i) => sum + x * own[i]!, 0)
      expect(Math.abs(product) / length(found) / length(own)).toBeGreaterThan(0.98)
      expect(found.reduce((sum, x) => sum + x, 0) / n).toBeCloseTo(0, 4)
    }
  })

  it('keeps distances where all directions are kept, and is the same twice', () => {
    const all = principalComponents(rows, dim, 99)
    expect(all.count).toBe(dim)
    expect(all.shares.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9)
    const far = (of: Float32Array, i: number, j: number) =>
      Math.hypot(...Array.from({ length: dim }, (_, d) => of[i * dim + d]! - of[j * dim + d]!))
    for (const [i, j] of [
      [0, 1],
      [7, 2999],
      [100, 500],
    ] as const)
      expect(far(all.coordinates, i, j)).toBeCloseTo(far(rows, i, j), 4)
    expect(principalComponents(rows, dim, 3)).toEqual(principalComponents(rows, dim, 3))
  })

  it('is of few rows, or none, or all alike, without a NaN', () => {
    expect(principalComponents(new Float32Array(0), 4, 2).coordinates).toHaveLength(0)
    for (const few of [Float32Array.of(1, 2, 3), new Float32Array(30).fill(2)]) {
      const { coordinates, shares } = principalComponents(few, 3, 2)
      for (const x of [...coordinates, ...shares]) expect(Math.abs(x)).toBeLessThan(1e-6)
    }
  })
})
