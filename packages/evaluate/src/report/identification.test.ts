import { Random } from '@arcface/vision'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { cmc, mateRanks } from '../identification/figures.js'
import { cmcIntervals, openSetIntervals } from '../identification/intervals.js'
import { openSetSearches, tpirAtFpir } from '../identification/open-set.js'
import { bestPairs } from '../identification/pairs.js'
import { search } from '../identification/search.js'
import type { IdentificationResult } from '../measures/search.js'
import { referenceMatMul } from '../testing/matmul.js'
import {
  identificationFigures,
  identificationJson,
  identificationReport,
} from './identification.js'

// 30 people, 20 of them enrolled; a vector round the person's own for every image.
const random = new Random(11)
const own = Array.from({ length: 30 }, () => Array.from({ length: 6 }, () => random.normal()))
const near = (person: number) => own[person]!.map((value) => value + 0.9 * random.normal())
const rows = (people: number[]) => Float32Array.from(people.flatMap(near))
const probeOf = Int32Array.from({ length: 60 }, (_, i) => i % 30)
const galleryOf = Int32Array.from({ length: 20 }, (_, person) => person)
const found = await search({
  probes: { embeddings: rows([...probeOf]), dim: 6 },
  probeOf,
  gallery: [rows([...galleryOf])],
  galleryOf,
  matmul: referenceMatMul,
  keep: 5,
})
const result: IdentificationResult = {
  protocol: 'identification',
  mated: 40,
  probes: 60,
  gallery: 20,
  distractors: 0,
  ranks: [1, 5],
  cmc: cmc(found),
  cmcIntervals: cmcIntervals(found, probeOf, { replicates: 100 }),
  openSet: {
    searches: openSetSearches(found),
    points: [tpirAtFpir(found, 0.2)],
    intervals: openSetIntervals(found, probeOf, { fars: [0.2, 0.5], replicates: 100 }),
  },
  best: bestPairs(found),
}
const meta = { title: 'Who is it', facts: [['Model', 'x.onnx']] as const, command: 'arcface a' }

describe('the report of an identification', () => {
  it('shows figures, curves with intervals, angles and what was measured, and stands alone', async () => {
    const page = identificationReport(result, meta)
    const rank1 = mateRanks(found).filter((rank) => rank === 1).length / 40
    expect(page).toContain(
      `rank-1</th><td class="number parts"><span>${(100 * rank1).toFixed(2)} %</span> <span>[`,
    )
    expect(page).toMatch(
      /TPIR at FPIR 0\.2<\/th><td[^>]*><span>[\d.]+ %<\/span> <span>\[[\d.]+ %, [\d.]+ %\]/,
    )
    for (const text of ['x.onnx', 'arcface a', 'False positive identification rate'])
      expect(page).toContain(text)
    const drawn = page.match(/<svg[\s\S]*?<\/svg>/g)!
    expect(drawn).toHaveLength(4)
    for (const svg of drawn)
      expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ format: 'svg' })
    for (const svg of drawn.slice(0, 3)) expect(svg).toContain('opacity="0.18"')
    expect(page).not.toMatch(/<script|<link|@import|src=|NaN|undefined/)
  })

  it('gives the same as JSON and as rows', () => {
    const json = JSON.parse(identificationJson(result, meta))
    expect(json).toMatchObject({
      title: 'Who is it',
      mated: 40,
      ranks: [1, 5],
      command: 'arcface a',
    })
    expect(json.cmc).toEqual([...result.cmc])
    // A point of the curve, counted anew.
    const { similarities, same } = openSetSearches(found)
    const share = (label: number, t: number) => {
      const of = [...similarities].filter((_, p) => same[p] === label)
      return of.filter((score) => score > t).length / of.length
    }
    for (const { fpir, tpir, threshold } of json.openSet.curve.slice(0, -1))
      expect([share(0, threshold), share(1, threshold)]).toEqual([fpir, tpir])
    const figures = identificationFigures(result)
    expect(figures.map(({ figure }) => figure)).toEqual([
      'rank-1',
      'rank-5',
      'TPIR at FPIR 0.2',
      'cosine threshold at FPIR 0.2',
    ])
    for (const { value, low, high } of figures) {
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
    }
  })

  it('of MegaFace stands beside the published figures', () => {
    const { cmc, ranks } = result
    const counts = { mated: 9, probes: 6, gallery: 11, distractors: 10 }
    const verification = [{ far: 1e-6, reachedFar: 0, tar: 0.5, threshold: 0.7 }]
    const page = identificationReport(
      { protocol: 'megaface', ...counts, ranks, cmc, verification },
      meta,
    )
    expect(page).toContain('98.35 %')
    expect(page).toContain('<td class="number">50.00 %</td>')
    expect(page).not.toContain('Open set')
  })
})
