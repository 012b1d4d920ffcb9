import { type DType, ops, scope, tensor } from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineOf, length, matrix, mean, rows } from '../../testing/losses.js'
import { type DistillLossName, distillLosses } from './index.js'

type Rows = number[][]

const unit = (row: number[]) => row.map((value) => value / length(row))

/** From the definitions, in float64, pair by pair. */
const formulas: Record<DistillLossName, (student: Rows, teacher: Rows) => number> = {
  cosine: (student, teacher) => mean(student.map((s, i) => 1 - cosineOf(s, teacher[i]!))),
  mse: (student, teacher) =>
    mean(
      student.map((s, i) => {
        const t = unit(teacher[i]!)
        return mean(s.map((value, k) => (value - Math.sqrt(s.length) * t[k]!) ** 2))
      }),
    ),
  relational: (student, teacher) => {
    const all = student.flatMap((_, i) =>
      student.flatMap((__, j) =>
        i === j
          ? []
          : [(cosineOf(student[i]!, student[j]!) - cosineOf(teacher[i]!, teacher[j]!)) ** 2],
      ),
    )
    return all.length === 0 ? 0 : mean(all)
  },
}

function run(name: DistillLossName, student: Rows, teacher: Rows, dtype: DType = 'float64') {
  return scope(() => {
    const x = ops.toDtype(matrix(student), dtype).detach()
    x.requiresGrad = true
    const value = distillLosses[name].compare(x, ops.toDtype(matrix(teacher), 'float32'))
    value.backward()
    const gradient = ops.toDtype(x.grad!, 'float64').toTypedArray() as Float64Array
    return { value: value.item(), gradient: rows(gradient, student[0]!.length) }
  })
}

/** Rows of float32 numbers from a normal distribution: no two are parallel. */
const scattered = (seed: number, count: number, width: number): Rows => {
  const random = new Random(seed)
  return Array.from({ length: count }, () =>
    Array.from({ length: width }, () => Math.fround(random.normal())),
  )
}

const names = Object.keys(distillLosses) as DistillLossName[]

describe.each(names)('distillation by %s', (name) => {
  it('is the formula, with its gradient', () => {
    const width = distillLosses[name].sameLength ? 5 : 7
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [student, teacher] = [scattered(seed, 4, 5), scattered(seed + 1, 4, width)]
        const { value, gradient } = run(name, student, teacher)
        // The teacher's float32 rows are scaled to unit length in float64.
        expect(value).toBeCloseTo(formulas[name](student, teacher), 12)
        student.forEach((row, i) => {
          row.forEach((_, k) => {
            const moved = (step: number) => {
              const copy = structuredClone(student)
              copy[i]![k]! += step
              return formulas[name](copy, teacher)
            }
            expect(gradient[i]![k]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 6)
          })
        })
      }),
      { numRuns: 20 },
    )
  })

  it('is 0 where the student has learnt all, whatever the lengths', () => {
    const teacher = scattered(3, 5, 4)
    // Of `mse` the student's is that of values of variance 1.
    const student = teacher.map((row, i) =>
      row.map((value) => (name === 'mse' ? (2 * value) / length(row) : value * 2 ** (i - 2))),
    )
    const { value, gradient } = run(name, student, teacher)
    expect(value).toBeCloseTo(0, 12)
    for (const one of gradient.flat()) expect(one).toBeCloseTo(0, 6)
  })

  it('is finite for every finite float32 embedding, value and gradient', () => {
    const wild = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 2 ** -149, 3.4e38, -3.4e38, 1e-20),
    )
    const some = fc.array(fc.array(wild, { minLength: 4, maxLength: 4 }), {
      minLength: 3,
      maxLength: 3,
    })
    fc.assert(
      fc.property(some, some, (student, teacher) => {
        const { value, gradient } = run(name, student, teacher, 'float32')
        expect([value, ...gradient.flat()].every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('relational distillation', () => {
  it('has nothing to compare in a batch of one image', () => {
    const { value, gradient } = run('relational', [[1, 2]], [[3, 4, 5]])
    expect([value, ...gradient.flat()]).toEqual([0, 0, 0])
  })

  it('does not see a rotation of the whole space', () => {
    const teacher = scattered(8, 6, 2)
    const turned = teacher.map(([x, y]) => [-y!, x!])
    expect(run('relational', turned, teacher).value).toBeCloseTo(0, 12)
    expect(run('cosine', turned, teacher).value).toBeCloseTo(1, 12)
  })

  it('is computed in float32 of 16-bit embeddings', () => {
    const student = ops.toDtype(tensor(Float32Array.of(1, 2, 3, 4), [2, 2]), 'bfloat16')
    const value = distillLosses.relational.compare(
      student,
      tensor(Float32Array.of(1, 0, 0, 1), [2, 2]),
    )
    expect(value.dtype).toBe('float32')
  })
})
