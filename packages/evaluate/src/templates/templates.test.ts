import type { MatMul } from '@arcface/vision'
import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeRows } from '../embeddings/rows.js'
import { tarAtFar } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { protocolGoldens } from '../testing/goldens.js'
import { referenceMatMul } from '../testing/matmul.js'
import { pairScores } from './pairs.js'
import { poolTemplates, type TemplateInput, templateRows } from './pool.js'

const golden = protocolGoldens().templates
const { dim } = golden
const input = {
  embeddings: Float32Array.from(golden.embeddings),
  dim,
  templateOf: Int32Array.from(golden.templateOf),
  mediaOf: Int32Array.from(golden.mediaOf),
} satisfies TemplateInput
const mirrored = Float32Array.from(golden.mirrored)
const weights = Float32Array.from(golden.weights)
const { mediaOf: _, ...videos } = input

describe('templates', () => {
  it.each(golden.cases.map((one) => [one.name, one] as const))(
    '%s: pooled and verified as numpy',
    async (_, { options, pooled, scores, strict, nearest }) => {
      const templates = poolTemplates({
        ...(options.one_medium ? videos : input),
        ...(options.flip && { mirrored }),
        ...(options.weights && { weights }),
        ...(options.norms && { norms: options.norms }),
      })
      expect([...templates.ids]).toEqual(golden.ids)
      expect([...templates.embeddings]).toEqual(pooled)
      const [a, b] = [golden.a, golden.b].map((ids) =>
        templateRows(templates, Int32Array.from(ids)),
      )
      const found = await pairScores(templates, a!, b!)
      scores.forEach((score, p) => {
        expect(Math.abs(found[p]! - score)).toBeLessThan(1e-12)
      })
      const both = scoresOf(found, Uint8Array.from(golden.same))
      for (const [reading, expected] of [
        ['strict', strict],
        ['nearest', nearest],
      ] as const) {
        const points = golden.fars.map((far) => tarAtFar(both, far, reading))
        expect(points.map((p) => [p.tar, p.reachedFar])).toEqual(expected)
      }
    },
  )

  it('do not depend on the order of the images, nor on how templates and media are numbered', () => {
    const base = poolTemplates(input)
    const images = input.templateOf.length
    const order = fc.shuffledSubarray(
      Array.from({ length: images }, (_, i) => i),
      { minLength: images },
    )
    fc.assert(
      fc.property(order, fc.integer({ min: -1000, max: 1000 }), (turn, shift) => {
        const pick = (values: Int32Array) => Int32Array.from(turn, (i) => values[i]! + shift)
        const found = poolTemplates({
          embeddings: Float32Array.from(
            turn.flatMap((i) => [...input.embeddings.subarray(i * dim, (i + 1) * dim)]),
          ),
          dim,
          templateOf: pick(input.templateOf),
          mediaOf: pick(input.mediaOf),
        })
        expect([...found.ids]).toEqual(golden.ids.map((id) => id + shift))
        found.embeddings.forEach((value, k) => {
          expect(Math.abs(value - base.embeddings[k]!)).toBeLessThan(1e-6)
        })
      }),
      { numRuns: 30 },
    )
  })

  it('reports progress block by block', async () => {
    const rows = { embeddings: Float32Array.of(1, 0, 0.6, 0.8), dim: 2 }
    const pairs = 300_000
    const seen: number[] = []
    const zeros = new Int32Array(pairs)
    const scores = await pairScores(
      rows,
      zeros,
      zeros.map((_, p) => p % 2),
      {
        onProgress: (done) => seen.push(done),
      },
    )
    expect([scores[0], scores[pairs - 1]]).toEqual([1, Math.fround(0.6)])
    expect(seen).toEqual([262_144, 300_000])
  })

  // More than 2048 second rows and 256 first ones, named in no order and not all of them.
  it('are scored by products as one by one', async () => {
    const random = new Random(7)
    const count = 2600
    const raw = Float32Array.from({ length: 3 * count }, () => random.normal())
    const rows = { embeddings: normalizeRows({ embeddings: raw, dim: 3 }), dim: 3 }
    const draw = (below: number, of: number) =>
      Int32Array.from({ length: of }, () => count - 1 - random.below(below))
    const [a, b] = [draw(400, 40_000), draw(2300, 40_000)]
    let products = 0
    const matmul: MatMul = {
      ...referenceMatMul,
      product(panels, dim) {
        products++
        return referenceMatMul.product(panels, dim)
      },
    }
    const seen: number[] = []
    const onProgress = (done: number) => seen.push(done)
    const found = await pairScores(rows, a, b, { matmul, onProgress })
    expect(found).toBeInstanceOf(Float32Array)
    expect(products).toBe(1)
    expect(seen).toHaveLength(2)
    expect(seen.at(-1)).toBe(40_000)
    const truth = await pairScores(rows, a, b)
    expect([...found]).toEqual([...truth].map(Math.fround))
    // Few pairs of many rows go one by one.
    const few = await pairScores(rows, a.subarray(0, 60), b.subarray(0, 60), { matmul })
    expect(few).toEqual(truth.slice(0, 60))
    expect(products).toBe(1)
    rows.embeddings.fill(Number.NaN, 3 * a[5]!, 3 * a[5]! + 3)
    await expect(pairScores(rows, a, b, { matmul })).rejects.toMatchObject({
      code: 'EVALUATE_EMBEDDING',
      message: expect.stringContaining(`row ${a[5]}`),
    })
  })

  const withRow = (value: number) => {
    const embeddings = input.embeddings.slice()
    embeddings.fill(value, 3 * dim, 4 * dim)
    return embeddings
  }
  const opposite = {
    embeddings: Float32Array.of(1, 0, -1, 0),
    dim: 2,
    templateOf: Int32Array.of(7, 7),
  }
  it.each<[string, string, RegExp, Partial<TemplateInput>]>([
    ['a NaN', 'EVALUATE_EMBEDDING', /row 3 holds NaN/, { embeddings: withRow(Number.NaN) }],
    ['infinity', 'EVALUATE_EMBEDDING', /row 3/, { embeddings: withRow(Infinity) }],
    ['a zero', 'EVALUATE_EMBEDDING', /row 3 is zero/, { embeddings: withRow(0) }],
    [
      'images that cancel out',
      'EVALUATE_EMBEDDING',
      /template 7 is zero/,
      { ...opposite, mediaOf: Int32Array.of(1, 2) },
    ],
    [
      'templates of fewer images',
      'EVALUATE_SHAPE',
      /templateOf.*119.*120/,
      { templateOf: input.templateOf.subarray(1) },
    ],
    ['media of fewer images', 'EVALUATE_SHAPE', /mediaOf/, { mediaOf: input.mediaOf.subarray(1) }],
    ['weights of fewer images', 'EVALUATE_SHAPE', /weights/, { weights: weights.subarray(1) }],
    ['fewer mirror images', 'EVALUATE_SHAPE', /mirrored/, { mirrored: mirrored.subarray(dim) }],
    [
      'a negative weight',
      'EVALUATE_TEMPLATE',
      /weight of row \d+ is -1/,
      { weights: weights.map(() => -1) },
    ],
    ['half an embedding', 'EVALUATE_SHAPE', /length 7/, { dim: 7 }],
    [
      'no images',
      'EVALUATE_TEMPLATE',
      /no images/,
      {
        embeddings: new Float32Array(0),
        templateOf: new Int32Array(0),
        mediaOf: new Int32Array(0),
      },
    ],
  ])('refuses %s', (_, code, message, change) => {
    expect(() => poolTemplates({ ...input, ...change })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })

  it('refuses pairs of templates that have no images, and rows that are not there', async () => {
    const templates = poolTemplates(input)
    expect(() => templateRows(templates, Int32Array.of(golden.ids[0]!, 6))).toThrow(
      expect.objectContaining({
        code: 'EVALUATE_TEMPLATE',
        message: expect.stringMatching(/template 6 \(entry 2/),
      }),
    )
    const one = Int32Array.of(0)
    const bad: [Int32Array, Int32Array][] = [
      [one, Int32Array.of(36)],
      [Int32Array.of(-1), one],
      [one, Int32Array.of(0, 1)],
    ]
    for (const [a, b] of bad) {
      await expect(pairScores(templates, a, b)).rejects.toMatchObject({ code: 'EVALUATE_PAIRS' })
    }
    const rows = { embeddings: Float32Array.of(1, Number.NaN), dim: 1 }
    await expect(pairScores(rows, one, Int32Array.of(1))).rejects.toMatchObject({
      code: 'EVALUATE_EMBEDDING',
    })
  })
})
