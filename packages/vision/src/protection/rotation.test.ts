import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../random/random.js'
import { cosine } from '../similarity/cosine.js'
import { Rotation } from './rotation.js'

const keyOf = (seed: number) => {
  const random = new Random(seed)
  return Uint8Array.from({ length: 32 }, () => random.below(256))
}

/** A direction, uniformly; of length 1. */
function direction(random: Random, n: number): Float32Array {
  const x = Float64Array.from({ length: n }, () => random.normal())
  const length = Math.hypot(...x)
  return Float32Array.from(x, (value) => value / length)
}

/** Another photograph of who `x` shows, at the angle of good ones. */
function another(random: Random, x: Float32Array, noise = 0.6): Float32Array {
  const other = direction(random, x.length)
  const sum = x.map((value, k) => value + noise * other[k]!)
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}

describe('a rotation', () => {
  it('is what other software makes of key, dimension and context', async () => {
    const file = join(import.meta.dirname, '../../goldens/generated/rotation.json')
    const { key, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
      key: string
      cases: { dimension: number; context: string; id: string; rows: number[][] }[]
    }
    expect(cases.length).toBe(5)
    for (const { dimension: n, context, id, rows } of cases) {
      const rotation = await Rotation.of(Buffer.from(key, 'hex'), n, context)
      expect(rotation.id).toBe(id)
      const units = new Float32Array(n * n)
      for (let k = 0; k < n; k++) units[k * n + k] = 1
      // The template of axis k is column k.
      const columns = rotation.turn(units)
      for (let row = 0; row < n; row++)
        for (let k = 0; k < n; k++) expect(columns[k * n + row]).toBeCloseTo(rows[row]![k]!, 7)
    }
  })

  it('leaves every cosine and every length, and is undone', async () => {
    const rotations = new Map<number, Rotation>()
    for (const n of [1, 2, 3, 64, 128]) rotations.set(n, await Rotation.of(keyOf(n), n, ''))
    fc.assert(
      fc.property(fc.constantFrom(...rotations.keys()), fc.nat(), (n, seed) => {
        const rotation = rotations.get(n)!
        const random = new Random(seed)
        const a = direction(random, n)
        const b = random.chance(0.5) ? direction(random, n) : another(random, a)
        const [p, q] = [rotation.turn(a), rotation.turn(b)]
        expect(Math.abs(cosine(p, q) - cosine(a, b))).toBeLessThan(5e-7)
        expect(Math.abs(Math.hypot(...p) - 1)).toBeLessThan(3e-7)
        const back = rotation.turnBack(p)
        for (let k = 0; k < n; k++) expect(Math.abs(back[k]! - a[k]!)).toBeLessThan(3e-7)
      }),
    )
  })

  it('turns many as it turns one, and leaves what it is given', async () => {
    const rotation = await Rotation.of(keyOf(1), 5, '')
    const random = new Random(1)
    const many = Float32Array.from({ length: 20 }, () => random.normal())
    const before = many.slice()
    const turned = rotation.turn(many)
    for (let at = 0; at < 20; at += 5)
      expect(turned.subarray(at, at + 5)).toEqual(rotation.turn(many.subarray(at, at + 5)))
    expect(many).toEqual(before)
  })

  it('is another one for each key, dimension and context', async () => {
    const made = await Promise.all([
      Rotation.of(keyOf(1), 8, 'a'),
      Rotation.of(keyOf(1), 8, 'b'),
      Rotation.of(keyOf(2), 8, 'a'),
      Rotation.of(keyOf(1), 9, 'a'),
    ])
    expect(new Set(made.map(({ id }) => id)).size).toBe(4)
    expect((await Rotation.of(keyOf(1), 8, 'a')).id).toBe(made[0].id)
  })

  it('is uniform over all orthogonal matrices: the moments of its trace are those of O(n)', async () => {
    // E tr Q = 0, E (tr Q)^2 = 1, E (tr Q)^4 = 3, E tr Q^2 = 1 and half the determinants negative (Diaconis and Evans 2001).
    const [n, count] = [6, 3000]
    const sums = { trace: 0, square: 0, fourth: 0, ofSquare: 0, reflected: 0 }
    for (let seed = 0; seed < count; seed++) {
      const q = await matrixOf(await Rotation.of(keyOf(seed), n, ''))
      let [trace, ofSquare] = [0, 0]
      for (let i = 0; i < n; i++) {
        trace += q[i]![i]!
        for (let j = 0; j < n; j++) ofSquare += q[i]![j]! * q[j]![i]!
      }
      sums.trace += trace
      sums.square += trace ** 2
      sums.fourth += trace ** 4
      sums.ofSquare += ofSquare
      sums.reflected += Number(determinant(q) < 0)
    }
    // Five standard errors: variances 1, 2, 96 and 2 of the normal, and a quarter.
    const within = (sum: number, truth: number, variance: number) =>
      expect(Math.abs(sum / count - truth)).toBeLessThan(5 * Math.sqrt(variance / count))
    within(sums.trace, 0, 1)
    within(sums.square, 1, 2)
    within(sums.fourth, 3, 96)
    within(sums.ofSquare, 1, 2)
    within(sums.reflected, 0.5, 0.25)
  })

  it('is refused of a short key, a dimension that none has, and parts of embeddings', async () => {
    const refused = { code: 'VISION_USE' }
    await expect(Rotation.of(new Uint8Array(16), 8, '')).rejects.toMatchObject(refused)
    for (const n of [0, 2.5, 4096, Number.NaN])
      await expect(Rotation.of(keyOf(1), n, '')).rejects.toMatchObject(refused)
    const rotation = await Rotation.of(keyOf(1), 8, '')
    for (const wrong of [new Float32Array(7), [1, 2] as unknown as Float32Array])
      expect(() => rotation.turn(wrong)).toThrow(
        expect.objectContaining({ code: 'VISION_EMBEDDING' }),
      )
  })
})

describe('what a rotation hides, and what not', () => {
  const n = 64
  const people = 400
  let ours: Rotation
  let theirs: Rotation
  const pairs: [Float32Array, Float32Array][] = []
  beforeAll(async () => {
    ours = await Rotation.of(keyOf(1), n, 'ours')
    theirs = await Rotation.of(keyOf(2), n, 'ours')
    const random = new Random(3)
    for (let i = 0; i < people; i++) {
      const first = direction(random, n)
      pairs.push([first, another(random, first)])
    }
  })

  it('templates of one person under two keys are as alike as those of strangers', () => {
    const across = pairs.map(([a, b]) => cosine(ours.turn(a), theirs.turn(b)))
    const strangers = pairs.map(([a], i) =>
      cosine(ours.turn(a), theirs.turn(pairs[(i + 1) % people]![1])),
    )
    const within = pairs.map(([a, b]) => cosine(ours.turn(a), ours.turn(b)))
    // Two samples of one distribution (Kolmogorov and Smirnov, exceeded once in 10,000), about 0 with deviation 1/sqrt(n).
    const limit = 2.23 * Math.sqrt(2 / people)
    expect(furthest(across, strangers)).toBeLessThan(limit)
    const mean = across.reduce((sum, value) => sum + value, 0) / people
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n * people))
    const variance = across.reduce((sum, value) => sum + value * value, 0) / people
    expect(Math.abs(variance * n - 1)).toBeLessThan(5 * Math.sqrt(2 / people))
    // The same test tells templates of one key at once: it can fail.
    expect(furthest(within, strangers)).toBeGreaterThan(3 * limit)
  })

  it('the same picture under two contexts of one key is not linked either', async () => {
    const other = await Rotation.of(keyOf(1), n, 'theirs')
    const across = pairs.map(([a]) => cosine(ours.turn(a), other.turn(a)))
    const strangers = pairs.map(([a], i) =>
      cosine(ours.turn(a), other.turn(pairs[(i + 1) % people]![0])),
    )
    expect(furthest(across, strangers)).toBeLessThan(2.23 * Math.sqrt(2 / people))
  })

  it('a new key is one product more: templates turned on are those of the new key', () => {
    for (const [a] of pairs.slice(0, 20)) {
      const on = theirs.turn(ours.turnBack(ours.turn(a)))
      theirs.turn(a).forEach((value, k) => {
        expect(Math.abs(value - on[k]!)).toBeLessThan(3e-7)
      })
    }
  })

  it('as many known pairs as numbers give the matrix away: it is not irreversible', () => {
    // Templates P = E Q^T of known embeddings E: Q^T = E^-1 P turns any other template back.
    const known = pairs.slice(0, n).map(([a]) => a)
    const inverse = solve(
      known.map((a) => [...a]),
      known.map((a) => [...ours.turn(a)]),
    )
    for (const [secret] of pairs.slice(n)) {
      const template = ours.turn(secret)
      const found = Float32Array.from(inverse, (row) =>
        row.reduce((sum, value, k) => sum + value * template[k]!, 0),
      )
      expect(cosine(found, secret)).toBeGreaterThan(0.999)
    }
  })

  it('angles among templates of one key stay, so that a whole gallery is known again by them', () => {
    // A row of angles is the mark of a face: found in the other gallery by nothing but its own inner angles.
    const faces = pairs.slice(0, 60).map(([a]) => a)
    const [here, there] = [ours, theirs].map((rotation) => faces.map((a) => rotation.turn(a)))
    const marks = (of: Float32Array[]) =>
      of.map((a) => of.map((b) => cosine(a, b)).sort((x, y) => x - y))
    const [one, two] = [marks(here!), marks(there!)]
    one.forEach((mark, i) => {
      const distances = two.map((other) => Math.hypot(...other.map((value, k) => value - mark[k]!)))
      expect(distances.indexOf(Math.min(...distances))).toBe(i)
    })
  })
})

async function matrixOf(rotation: Rotation): Promise<number[][]> {
  const n = rotation.dimension
  const units = Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0))
  const columns = rotation.turn(units)
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => columns[j * n + i]!),
  )
}

/** The solution X of A X = B by elimination with pivots. */
function solve(a: number[][], b: number[][]): number[][] {
  const rows = a.map((row, i) => [...row, ...b[i]!])
  eliminate(rows)
  return rows.map((row) => row.slice(a.length))
}

/** Gauss and Jordan; gives the determinant of the square at the left. */
function eliminate(rows: number[][]): number {
  let determinant = 1
  for (let k = 0; k < rows.length; k++) {
    let pivot = k
    for (let i = k; i < rows.length; i++)
      if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    if (pivot !== k) determinant = -determinant
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    const by = rows[k]![k]!
    determinant *= by
    rows[k] = rows[k]!.map((value) => value / by)
    for (let i = 0; i < rows.length; i++) {
      const factor = rows[i]![k]!
      if (i !== k && factor !== 0)
        rows[i] = rows[i]!.map((value, j) => value - factor * rows[k]![j]!)
    }
  }
  return determinant
}

const determinant = (rows: number[][]) => eliminate(rows.map((row) => [...row]))

/** The largest distance of the distribution functions of two samples. */
function furthest(a: readonly number[], b: readonly number[]): number {
  const below = (sample: readonly number[], x: number) =>
    sample.filter((value) => value <= x).length / sample.length
  return Math.max(...[...a, ...b].map((x) => Math.abs(below(a, x) - below(b, x))))
}
