import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dot, normalizeRows } from '../embeddings/rows.js'
import { tarAtFar } from '../roc/roc.js'
import { sortScores } from '../roc/scores.js'
import { protocolGoldens } from '../testing/goldens.js'
import { referenceMatMul } from '../testing/matmul.js'
import { cmc, mateRanks } from './figures.js'
import { megaface } from './megaface.js'
import { insightfaceTpir, tpirAtFpir } from './open-set.js'
import { bestPairs, searchScores, tailForFar } from './pairs.js'
import { type SearchInput, search } from './search.js'

const golden = protocolGoldens().identification
const { dim, keep } = golden
const probes = { embeddings: Float32Array.from(golden.probes), dim }
const input: SearchInput = {
  probes,
  probeOf: Int32Array.from(golden.probeOf),
  gallery: [Float32Array.from(golden.gallery)],
  galleryOf: Int32Array.from(golden.galleryOf),
  matmul: referenceMatMul,
  keep,
}
const code = (name: string, message = /./) =>
  expect.objectContaining({ code: name, message: expect.stringMatching(message) })

describe('identification', () => {
  it('CMC and TPIR at FPIR: as numpy', async () => {
    const result = await search(input)
    expect([...cmc(result)]).toEqual(golden.cmc)
    for (const { rank, fpir, tpir, threshold } of golden.openSet) {
      const point = tpirAtFpir(result, fpir, rank)
      expect(point.tpir).toBe(tpir)
      expect(point.threshold).toBeCloseTo(threshold, 6)
      expect(point.reachedFpir).toBeLessThanOrEqual(fpir)
    }
  })

  it('a closed set as InsightFace reads it: as numpy', async () => {
    const people = new Set(golden.galleryOf)
    const mated = golden.probeOf
      .map((person, p) => (people.has(person) ? p : -1))
      .filter((p) => p >= 0)
    const result = await search({
      ...input,
      probes: {
        embeddings: Float32Array.from(
          mated.flatMap((p) => golden.probes.slice(p * dim, (p + 1) * dim)),
        ),
        dim,
      },
      probeOf: Int32Array.from(mated, (p) => golden.probeOf[p]!),
      tail: 24,
    })
    for (const { fpir, tpir, threshold } of golden.insightface) {
      const point = insightfaceTpir(result, fpir)
      expect(point.tpir).toBe(tpir)
      expect(point.threshold).toBeCloseTo(threshold, 6)
    }
    expect(() => insightfaceTpir(result, 0.31)).toThrow(code('EVALUATE_OPTION', /tail of 25/))
    expect(() => tpirAtFpir(result, 0.1)).toThrow(code('EVALUATE_IDENTITY'))
  })

  it('MegaFace: as numpy', async () => {
    const { megaface: expected, faces, person, distractors } = golden
    const result = await megaface({
      probes: { embeddings: Float32Array.from(faces.slice(0, expected.probes * dim)), dim },
      probeOf: Int32Array.from(person.slice(0, expected.probes)),
      distractors: [Float32Array.from(distractors)],
      count: distractors.length / dim,
      matmul: referenceMatMul,
      ranks: keep,
      fars: expected.fars,
    })
    expect([...result.cmc]).toEqual(expected.cmc)
    for (const [k, { low, high }] of result.cmcIntervals!.entries()) {
      expect(low).toBeLessThanOrEqual(expected.cmc[k]!)
      expect(high).toBeGreaterThanOrEqual(expected.cmc[k]!)
    }
    expect(result.couples).toBe(expected.couples)
    expect(result.verification.map((p) => [p.tar, p.reachedFar])).toEqual(expected.strict)
  })

  it('does not depend on the blocks of the gallery, and names the best in order', async () => {
    const base = await search({ ...input, tail: 30 })
    const rows = input.galleryOf.length
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: rows }), { maxLength: 5 }),
        async (cuts) => {
          const ends = [...cuts, 0, rows].sort((x, y) => x - y)
          async function* gallery() {
            for (const [i, start] of ends.slice(0, -1).entries())
              yield Float32Array.from(golden.gallery.slice(start * dim, ends[i + 1]! * dim))
          }
          expect(await search({ ...input, gallery: gallery(), tail: 30 })).toEqual(base)
        },
      ),
      { numRuns: 20 },
    )
    for (let p = 0; p < base.probes; p++) {
      for (let k = 0; k < keep; k++) {
        const row = base.otherRows[p * keep + k]!
        expect(input.galleryOf[row]).not.toBe(input.probeOf[p])
        if (k > 0)
          expect(base.otherScores[p * keep + k]!).toBeLessThanOrEqual(
            base.otherScores[p * keep + k - 1]!,
          )
      }
    }
  })

  it('crosses the borders of blocks: more than 2048 probes, more than 256 rows', async () => {
    // On a circle: the nearest of the gallery is known.
    const circle = (n: number, turn: number) =>
      Float32Array.from({ length: 2 * n }, (_, i) => {
        const angle = (2 * Math.PI * ((i >> 1) + turn)) / n
        return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
      })
    const [n, g] = [2100, 700]
    const result = await search({
      probes: { embeddings: circle(n, 0.1), dim: 2 },
      probeOf: Int32Array.from({ length: n }, (_, p) => Math.round((p + 0.1) / 3) % g),
      gallery: [circle(g, 0)],
      galleryOf: Int32Array.from({ length: g }, (_, row) => row),
      matmul: referenceMatMul,
      keep: 1,
    })
    expect([...cmc(result)]).toEqual([1])
    expect(result.mates.rows.length).toBe(n)
    expect(result.others).toBe(n * (g - 1))
  })

  it('finds the same as all scores sorted', async () => {
    const random = new Random(3)
    const [p, g, keep, tail] = [60, 5000, 3, 40]
    const draw = (count: number) => Float32Array.from({ length: 8 * count }, () => random.normal())
    const probes = normalizeRows({ embeddings: draw(p), dim: 8 })
    const gallery = normalizeRows({ embeddings: draw(g), dim: 8 })
    const galleryOf = Int32Array.from({ length: g }, (_, row) => (row % 500 === 7 ? row % 9 : -1))
    const probeOf = Int32Array.from({ length: p }, (_, i) => i % 11)
    const result = await search({
      probes: { embeddings: probes, dim: 8 },
      probeOf,
      gallery: [gallery],
      galleryOf,
      matmul: referenceMatMul,
      keep,
      tail,
    })
    const others: number[] = []
    for (let probe = 0; probe < p; probe++) {
      const all = Array.from({ length: g }, (_, row) => ({
        row,
        score: dot(probes, probe * 8, gallery, row * 8, 8),
      }))
      const isMate = ({ row }: { row: number }) => galleryOf[row] === probeOf[probe]
      const best = all.filter((one) => !isMate(one)).sort((x, y) => y.score - x.score)
      others.push(...best.slice(0, tail).map(({ score }) => score))
      const found = result.otherRows.subarray(probe * keep, (probe + 1) * keep)
      expect([...found]).toEqual(best.slice(0, keep).map(({ row }) => row))
      const mates = all.filter(isMate)
      const [start, end] = result.mates.offsets.subarray(probe, probe + 2)
      expect([...result.mates.rows.subarray(start, end)]).toEqual(mates.map(({ row }) => row))
      mates.forEach(({ score }, i) => {
        expect(result.mates.scores[start! + i]!).toBeCloseTo(score, 6)
      })
    }
    const top = others.sort((x, y) => y - x).slice(0, tail)
    expect(result.tail).toHaveLength(tail)
    result.tail.forEach((score, i) => {
      expect(score).toBeCloseTo(top[i]!, 6)
    })
  })

  it('gives every comparison as a verification, and the best of each probe as pairs', async () => {
    const random = new Random(4)
    const [p, g, far] = [40, 300, 0.01]
    const draw = (count: number) =>
      normalizeRows({
        embeddings: Float32Array.from({ length: 8 * count }, () => random.normal()),
        dim: 8,
      })
    const [probes, gallery] = [draw(p), draw(g)]
    const galleryOf = Int32Array.from({ length: g }, (_, row) => (row % 3 === 0 ? row % 50 : -1))
    const result = await search({
      probes: { embeddings: probes, dim: 8 },
      probeOf: Int32Array.from({ length: p }, (_, i) => i),
      gallery: [gallery],
      galleryOf,
      matmul: referenceMatMul,
      tail: tailForFar(far, p * g),
    })
    const all = Array.from({ length: p * g }, (_, i) => {
      const [probe, row] = [Math.floor(i / g), i % g]
      const score = Math.fround(dot(probes, probe * 8, gallery, row * 8, 8))
      return { probe, row, score, mate: galleryOf[row] === probe }
    })
    const scores = (mate: boolean) =>
      Float32Array.from(
        all.filter((one) => one.mate === mate),
        ({ score }) => score,
      )
    const expected = tarAtFar(sortScores(scores(true), scores(false)), far)
    const found = tarAtFar(searchScores(result), far)
    expect([found.tar, found.reachedFar]).toEqual([expected.tar, expected.reachedFar])
    expect(found.threshold).toBeCloseTo(expected.threshold, 6)

    const { similarities, same, probe, row } = bestPairs(result)
    const best = Array.from({ length: p }, (_, i) => i).flatMap((i) =>
      [true, false].flatMap((mate) => {
        const of = all.filter((one) => one.probe === i && one.mate === mate)
        return of.sort((x, y) => y.score - x.score).slice(0, 1)
      }),
    )
    expect([...probe]).toEqual(best.map((one) => one.probe))
    expect([...row]).toEqual(best.map((one) => one.row))
    expect([...same]).toEqual(best.map((one) => Number(one.mate)))
    for (const [i, { score }] of best.entries()) expect(similarities[i]).toBeCloseTo(score, 6)
  })

  it('the CMC never falls, and a model that finds all alike finds nobody', async () => {
    const small = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(small, async (values) => {
        const n = values.length
        const embeddings = Float32Array.from(values.flatMap((v) => [v, 1]))
        const same = Int32Array.from({ length: n }, (_, i) => i % 3)
        const found = await search({
          ...input,
          probes: { embeddings, dim: 2 },
          probeOf: same,
          gallery: [embeddings],
          galleryOf: same,
        })
        const rates = cmc(found)
        for (let k = 1; k < rates.length; k++)
          expect(rates[k]!).toBeGreaterThanOrEqual(rates[k - 1]!)
      }),
    )
    const alike = await search({
      ...input,
      probes: { embeddings: Float32Array.of(1, 1), dim: 1 },
      probeOf: Int32Array.of(0, 5),
      gallery: [Float32Array.of(1, 1)],
      galleryOf: Int32Array.of(0, 1),
    })
    expect([...mateRanks(alike)]).toEqual([2, 0])
    expect(cmc(alike)[0]).toBe(0)
  })

  const row = golden.gallery.slice(0, dim)
  const withNaN = [Float32Array.from([...golden.gallery.slice(dim), ...row.map(() => Number.NaN)])]
  const last = input.galleryOf.length - 1
  it.each<[string, string, RegExp, Partial<SearchInput>]>([
    [
      'a NaN in the gallery',
      'EVALUATE_EMBEDDING',
      RegExp(`gallery row ${last} holds NaN`),
      { gallery: withNaN },
    ],
    [
      'a zero probe',
      'EVALUATE_EMBEDDING',
      /row 0 is zero/,
      { probes: { embeddings: probes.embeddings.map(() => 0), dim } },
    ],
    ['half a row', 'EVALUATE_SHAPE', /7 numbers/, { gallery: [new Float32Array(7)] }],
    ['too few rows', 'EVALUATE_IDENTITY', /gave 1 rows/, { gallery: [Float32Array.from(row)] }],
    [
      'too many rows',
      'EVALUATE_IDENTITY',
      /gave more than/,
      { gallery: [...(input.gallery as Float32Array[]), Float32Array.from(row)] },
    ],
    ['probes without a person', 'EVALUATE_IDENTITY', /one each/, { probeOf: Int32Array.of(1) }],
    [
      'no probes',
      'EVALUATE_SHAPE',
      /0 probes/,
      { probes: { embeddings: new Float32Array(0), dim } },
    ],
    ['no gallery', 'EVALUATE_SHAPE', /0 rows/, { galleryOf: new Int32Array(0) }],
    ['nothing to keep', 'EVALUATE_OPTION', /keep/, { keep: 0 }],
    ['too much to keep', 'EVALUATE_OPTION', /a smaller FAR/, { tail: 2 ** 28 + 1 }],
  ])('refuses %s', async (_, name, message, change) => {
    await expect(search({ ...input, ...change })).rejects.toEqual(code(name, message))
  })

  it('refuses figures that the search does not give', async () => {
    const result = await search(input)
    expect(() => tpirAtFpir(result, 0)).toThrow(code('EVALUATE_OPTION'))
    expect(() => tpirAtFpir(result, 0.1, keep + 1)).toThrow(code('EVALUATE_OPTION'))
    const open = await search({ ...input, tail: 100 })
    expect(() => insightfaceTpir(open, 0.1)).toThrow(code('EVALUATE_IDENTITY'))
    const nobody = await search({ ...input, galleryOf: input.galleryOf.map(() => -1) })
    expect(() => cmc(nobody)).toThrow(code('EVALUATE_IDENTITY'))
    const alone = { ...input, distractors: input.gallery, count: input.galleryOf.length }
    await expect(megaface({ ...alone, probeOf: input.probeOf.map((_, p) => p) })).rejects.toEqual(
      code('EVALUATE_IDENTITY'),
    )
  })
})
