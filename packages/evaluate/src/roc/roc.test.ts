import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { protocolGoldens } from '../testing/goldens.js'
import { pairFigures } from './figures.js'
import { areaUnderRoc, type OperatingPoint, rocCurve, tarAtFar } from './roc.js'
import { scoresOf, sortScores } from './scores.js'
import { Tail } from './tail.js'

const goldens = protocolGoldens().rocs

describe('readings of the ROC', () => {
  it.each(goldens.map((golden) => [golden.name, golden] as const))('%s: as numpy', (_, golden) => {
    const scores = scoresOf(Float64Array.from(golden.scores), Uint8Array.from(golden.same))
    expect(areaUnderRoc(scores)).toBeCloseTo(golden.auc, 12)
    for (const reading of ['strict', 'nearest'] as const) {
      const points = golden.fars.map((far) => tarAtFar(scores, far, reading))
      expect(points.map((p) => [p.tar, p.reachedFar])).toEqual(golden[reading])
      for (const point of points) expectThreshold(point, golden.scores, golden.same)
    }
  })

  it.each(goldens.map((golden) => [golden.name, golden] as const))('%s: at once', (_, golden) => {
    const [scores, same] = [Float64Array.from(golden.scores), Uint8Array.from(golden.same)]
    const figures = pairFigures(scores, same, golden.fars)
    const { auc, tarAtFar: strict, nearestTarAtFar, thresholdAtFar, pairs } = figures
    expect(auc).toBeCloseTo(golden.auc, 12)
    expect(golden.fars.map((far) => strict[far])).toEqual(golden.strict.map(([tar]) => tar))
    const nearest = golden.fars.map((far) => nearestTarAtFar[far]!)
    expect(nearest.map(({ tar, reachedFar }) => [tar, reachedFar])).toEqual(golden.nearest)
    expect(pairs).toBe(same.length)
    const impostors = same.filter((label) => label === 0).length
    const measured = golden.fars.filter((far) => far * impostors >= 1)
    expect(Object.keys(thresholdAtFar).map(Number).sort()).toEqual(measured.sort())
  })

  /** The threshold of a point must give its rates. */
  function expectThreshold(point: OperatingPoint, scores: number[], same: number[]) {
    for (const [label, rate] of [
      [1, point.tar],
      [0, point.reachedFar],
    ] as const) {
      const of = scores.filter((_, i) => same[i] === label)
      expect(of.filter((score) => score > point.threshold).length / of.length).toBe(rate)
    }
  }

  // Few values, so that ties are common; at least one pair of each kind.
  const score = fc.integer({ min: -4, max: 4 }).map((v) => v / 4)
  const scored = fc
    .tuple(fc.array(score, { minLength: 1 }), fc.array(score, { minLength: 1 }))
    .map(([genuine, impostor]) => ({
      genuine,
      impostor,
      scores: scoresOf(
        Float64Array.from([...genuine, ...impostor]),
        Uint8Array.from([...genuine.map(() => 1), ...impostor.map(() => 0)]),
      ),
    }))
  const rate = (values: number[], t: number) => values.filter((v) => v > t).length / values.length
  const fars = fc.constantFrom(0.5, 0.3, 0.1, 0.07, 0.01)

  it('AUC is the share of couples in the right order', () => {
    fc.assert(
      fc.property(scored, ({ genuine, impostor, scores }) => {
        let wins = 0
        for (const g of genuine) for (const i of impostor) wins += g > i ? 1 : g === i ? 0.5 : 0
        const auc = areaUnderRoc(scores)
        expect(auc).toBeCloseTo(wins / (genuine.length * impostor.length), 12)
        // Symmetric: with the roles changed it is the rest.
        const turned = sortScores(scores.impostor, scores.genuine)
        expect(areaUnderRoc(turned)).toBeCloseTo(1 - auc, 12)
      }),
    )
  })

  it('a strict TAR is taken at the largest FAR within the target', () => {
    fc.assert(
      fc.property(scored, fars, ({ genuine, impostor, scores }, far) => {
        const point = tarAtFar(scores, far)
        expect(rate(genuine, point.threshold)).toBe(point.tar)
        expect(rate(impostor, point.threshold)).toBe(point.reachedFar)
        expect(point.reachedFar).toBeLessThanOrEqual(far)
        // No other threshold within the target accepts more genuine pairs.
        for (const t of [...genuine, ...impostor, -2].filter((t) => rate(impostor, t) <= far)) {
          expect(rate(genuine, t)).toBeLessThanOrEqual(point.tar)
        }
      }),
    )
  })

  it('the curve rises from FAR 0 to (1, 1), its corners are strict TARs, and thinning keeps corners', () => {
    fc.assert(
      fc.property(scored, fc.double({ min: 1, max: 3, noNaN: true }), ({ scores }, ratio) => {
        const curve = rocCurve(scores)
        expect(curve[0]!.far).toBe(0)
        expect(curve.at(-1)).toEqual({ far: 1, tar: 1, threshold: -Infinity })
        for (const [i, point] of curve.slice(1, -1).entries()) {
          expect(point.far).toBeGreaterThan(curve[i]!.far)
          expect(point.tar).toBeGreaterThanOrEqual(curve[i]!.tar)
          expect(tarAtFar(scores, point.far)).toMatchObject({
            tar: point.tar,
            threshold: point.threshold,
          })
        }
        for (const point of rocCurve(scores, ratio)) expect(curve).toContainEqual(point)
      }),
    )
  })

  it('the largest scores of a stream give the same strict TARs as all of them', () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 20 }), fars, ({ scores }, capacity, far) => {
        const tail = new Tail(capacity)
        for (const score of scores.impostor.toReversed()) tail.push(score)
        for (const score of scores.impostor.slice(0, capacity))
          expect(tail.bound).toBeLessThanOrEqual(score)
        const kept = { ...scores, impostor: tail.sorted() }
        expect([...kept.impostor]).toEqual([...scores.impostor.slice(0, capacity)])
        const enough = Math.floor(far * scores.impostors + 1e-9) < kept.impostor.length
        if (enough) expect(tarAtFar(kept, far).tar).toBe(tarAtFar(scores, far).tar)
        else expect(() => tarAtFar(kept, far)).toThrow(/were kept/)
      }),
    )
  })

  it.each([0, 1, -0.1, Number.NaN])('refuses FAR %d', (far) => {
    const scores = sortScores(Float32Array.of(1), Float32Array.of(0))
    for (const reading of ['strict', 'nearest'] as const) {
      expect(() => tarAtFar(scores, far, reading)).toThrow(
        expect.objectContaining({ code: 'EVALUATE_OPTION' }),
      )
    }
  })

  it.each([
    ['one kind of pair', 'EVALUATE_PAIRS', [1, 0], [1, 1]],
    ['a label too few', 'EVALUATE_PAIRS', [1, 0, 0], [1, 0]],
    ['a NaN', 'EVALUATE_EMBEDDING', [1, Number.NaN, 0], [1, 0, 0]],
  ])('refuses %s', (_, code, similarities, same) => {
    expect(() => scoresOf(Float64Array.from(similarities), Uint8Array.from(same))).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it('refuses figures that take more scores than were kept, and a ratio below 1', () => {
    const scores = { ...sortScores(Float32Array.of(1), Float32Array.of(0)), impostors: 100 }
    const code = (name: string) => expect.objectContaining({ code: name })
    expect(() => areaUnderRoc(scores)).toThrow(code('EVALUATE_PAIRS'))
    expect(() => tarAtFar(scores, 0.1, 'nearest')).toThrow(code('EVALUATE_PAIRS'))
    expect(() => rocCurve({ ...scores, impostors: 1 }, 0.5)).toThrow(code('EVALUATE_OPTION'))
    expect(() => new Tail(0)).toThrow(code('EVALUATE_OPTION'))
  })
})
