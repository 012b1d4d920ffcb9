import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvaluateError } from '../errors.js'
import type { VerificationInput } from './distances.js'
import { type VerificationResult, verification } from './verification.js'

interface Golden {
  name: string
  dim: number
  folds: number
  embeddings: number[]
  a: number[]
  b: number[]
  same: number[]
  expected: Record<string, unknown>
}

// Written by goldens/verification.py: the protocol again, in numpy.
const goldens: Golden[] = JSON.parse(
  readFileSync(new URL('../../goldens/generated/verification.json', import.meta.url), 'utf8'),
)

function input(golden: Golden): VerificationInput {
  return {
    ...golden,
    embeddings: Float32Array.from(golden.embeddings),
    a: Int32Array.from(golden.a),
    b: Int32Array.from(golden.b),
    same: Uint8Array.from(golden.same),
  }
}

/** Every number of `expected`, at any depth, within 1e-12 of the one in `actual`. */
function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number') {
    expect(actual, path).toBeTypeOf('number')
    expect(Math.abs((actual as number) - expected), path).toBeLessThanOrEqual(1e-12)
    return
  }
  expect(Object.keys(actual as object), path).toEqual(Object.keys(expected as object))
  for (const [key, value] of Object.entries(expected as object)) {
    expectClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
  }
}

describe('verification', () => {
  it.each(goldens.map((golden) => [golden.name, golden] as const))('%s: as numpy', (_, golden) => {
    const result = verification(input(golden))
    for (const [key, value] of Object.entries(golden.expected)) {
      expectClose(result[key as keyof VerificationResult], value, key)
    }
    expect(result.pairs).toBe(golden.same.length)
  })

  const good = input(goldens[0]!)
  const rows = good.embeddings.length / good.dim

  it('does not depend on the length of the embeddings nor on the order within a fold', () => {
    const base = verification(good)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (exponent, turn) => {
        // Powers of two scale without rounding; a fold of 24 pairs is turned round.
        const embeddings = good.embeddings.map((v) => v * 2 ** exponent)
        const turned = (values: Int32Array | Uint8Array, p: number) => {
          const fold = Math.floor(p / 24) * 24
          return values[fold + ((p - fold + turn) % 24)]!
        }
        const { similarities, same, ...figures } = verification({
          ...good,
          embeddings,
          a: good.a.map((_, p) => turned(good.a, p)),
          b: good.b.map((_, p) => turned(good.b, p)),
          same: good.same.map((_, p) => turned(good.same, p)),
        })
        expect(base).toMatchObject(figures)
      }),
    )
  })

  const withRow = (value: number) => {
    const embeddings = good.embeddings.slice()
    embeddings.fill(value, 3 * good.dim, 4 * good.dim)
    return embeddings
  }
  const bad: [string, string, Partial<VerificationInput>, RegExp][] = [
    ['a NaN', 'EVALUATE_EMBEDDING', { embeddings: withRow(Number.NaN) }, /row 3 holds NaN/],
    ['infinity', 'EVALUATE_EMBEDDING', { embeddings: withRow(Infinity) }, /row 3/],
    ['a zero embedding', 'EVALUATE_EMBEDDING', { embeddings: withRow(0) }, /row 3 is zero/],
    ['a dimension that does not divide', 'EVALUATE_SHAPE', { dim: 7 }, /length 7/],
    ['no dimension', 'EVALUATE_SHAPE', { dim: 0 }, /length 0/],
    ['lists of two lengths', 'EVALUATE_PAIRS', { same: good.same.subarray(1) }, /240.*239/],
    ['a row past the end', 'EVALUATE_PAIRS', { b: good.b.map(() => rows) }, RegExp(`${rows}`)],
    ['a row before the start', 'EVALUATE_PAIRS', { a: good.a.map(() => -1) }, /-1/],
    ['one fold', 'EVALUATE_FOLDS', { folds: 1 }, /at least 2 folds/],
    ['half a fold', 'EVALUATE_FOLDS', { folds: 2.5 }, /2\.5/],
    ['more folds than pairs', 'EVALUATE_FOLDS', { folds: 241 }, /241/],
    [
      'a list without impostors',
      'EVALUATE_FOLDS',
      { same: good.same.map(() => 1) },
      /no impostor \(two people\) pair at all/,
    ],
    [
      'a fold without genuine pairs',
      'EVALUATE_FOLDS',
      { same: good.same.map((s, p) => (p < 48 && p >= 24 ? 0 : s)) },
      /fold 2 of 10 holds no genuine/,
    ],
    [
      'a fold without impostors',
      'EVALUATE_FOLDS',
      { same: good.same.map((s, p) => (p < 24 ? 1 : s)) },
      /fold 1 of 10 holds no impostor/,
    ],
  ]
  it.each(bad)('refuses %s', (_, code, change, message) => {
    const attempt = () => verification({ ...good, ...change })
    expect(attempt).toThrow(EvaluateError)
    expect(attempt).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })

  it('names the image of a bad embedding', () => {
    const names = Array.from({ length: rows }, (_, i) => `face-${i}.jpg`)
    const embeddings = withRow(0)
    expect(() => verification({ ...good, embeddings, names })).toThrow(/face-3\.jpg/)
  })
})
