import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measurePad } from './measure.js'
import type { PadResult, Presentation } from './result.js'

const code = (name: string) => expect.objectContaining({ code: name })

/** `species person score`, of the living `- person score`; without a score there is no answer, without a person nobody known. */
const presented = (...lines: string[]): Presentation[] =>
  lines.map((line, i) => {
    const [species, person, score] = line.split(' ')
    return {
      name: `${i}`,
      species: species === '-' ? null : species!,
      person: person === '?' ? null : person!,
      scores: score === undefined ? null : [Number(score)],
    }
  })

const measured = (presentations: readonly Presentation[], threshold: number | null = 0.5) =>
  measurePad(presentations, [{ name: 'm', threshold }], { replicates: 200 })

describe('measurePad', () => {
  const small = presented(
    ...['- ann 0.9', '- ann 0.5', '- bob 0.4', '- cid 0.8', '- cid'],
    ...['print ann 0.1', 'print bob 0.6', 'print cid 0.2', 'print dan'],
    ...['screen ann 0.7', 'screen bob 0.55'],
  )

  it('gives what is counted by hand', () => {
    const { living, species, detectors, people } = measured(small)
    expect(people).toBe(4)
    // Of the five living one has no answer; that is in no BPCER.
    expect(living.nonResponse).toMatchObject({ value: 0.2, errors: 1, presentations: 5, people: 3 })
    expect(species.map(({ name, nonResponse }) => [name, nonResponse.value])).toEqual([
      ['print', 0.25],
      ['screen', 0],
    ])
    const [{ own, atApcer, atBpcer }] = detectors as [PadResult['detectors'][number]]
    // 0.5 itself is living.
    expect(own!.bpcer).toMatchObject({ value: 0.25, errors: 1, presentations: 4, people: 3 })
    expect(own!.apcer.map((rate) => rate!.value)).toEqual([1 / 3, 1])
    expect(own!.worst).toBe(1)
    expect(own!.apcerMax).toMatchObject({ value: 1, errors: 2, affected: 2 })
    expect(own!.acer).toBe((0.25 + 1) / 2)
    // No attack passes from above 0.7 on: the next score is 0.8, and 0.5 and 0.4 are refused.
    expect(
      atApcer.map(({ apcer, threshold, bpcer, species: asks }) => [
        apcer,
        threshold,
        bpcer.value,
        asks,
      ]),
    ).toEqual([
      [0.1, 0.8, 0.5, 'screen'],
      [0.05, 0.8, 0.5, 'screen'],
      [0.01, 0.8, 0.5, 'screen'],
    ])
    // By itself print is held from above 0.6 on.
    expect(atApcer[0]!.each.map((rate) => rate!.value)).toEqual([0.5, 0.5])
    // Nobody living is refused at 0.4.
    expect(atBpcer[0]).toMatchObject({ bpcer: 0.1, threshold: 0.4, worst: 1 })
    expect(atBpcer[0]!.apcer.map((rate) => rate!.value)).toEqual([1 / 3, 1])
  })

  it('takes pictures of nobody known for as many people', () => {
    const one = presented('- ann 0.9', '- ann 0.4', 'print ann 0.1')
    const alone = measured(one)
    expect(alone.people).toBe(1)
    expect(alone.detectors[0]!.own!.bpcer).toMatchObject({ value: 0.5, low: null, high: null })
    const unknown = measured(one.map((each) => ({ ...each, person: null })))
    expect(unknown.people).toBe(3)
    expect(unknown.detectors[0]!.own!.bpcer.low).not.toBeNull()
  })

  it('has no figure of a species without an answer, and none at a threshold that is not named', () => {
    const { detectors } = measured([...small, ...presented('mask ann', 'mask bob')], null)
    const [{ own, atApcer, atBpcer }] = detectors as [PadResult['detectors'][number]]
    expect(own).toBeNull()
    expect(atApcer[0]!.each[2]).toBeNull()
    expect(atBpcer[0]!.apcer[2]).toBeNull()
    expect(atBpcer[0]!.worst).toBe(1)
  })

  it('names no threshold where even the highest score is an attack', () => {
    const { detectors } = measured(
      presented('- ann 0.9', '- bob 1', 'print ann 1', 'print bob 0.2'),
    )
    expect(detectors[0]!.atApcer[2]).toMatchObject({ threshold: null, bpcer: { value: 1 } })
  })

  it('says how little an error of nobody proves', () => {
    const none = Array.from({ length: 20 }, (_, i) => [`- p${i} 0.9`, `print p${i} 0.1`]).flat()
    const { own } = measured(presented(...none)).detectors[0]!
    // Clopper and Pearson: 1 - 0.025^(1 / 20).
    expect(own!.bpcer.high).toBeCloseTo(1 - 0.025 ** (1 / 20), 9)
    expect(own!.apcerMax).toMatchObject({ value: 0, low: 0, high: own!.bpcer.high })
    // The other way round too: that all pass proves as little.
    const all = presented(...none.map((line) => line.replace('0.1', '0.9')))
    const passing = measured(all).detectors[0]!.own!.apcerMax
    expect([passing.value, passing.high]).toEqual([1, 1])
    expect(passing.low).toBeCloseTo(0.025 ** (1 / 20), 9)
    // Ten pictures of each tell no more of people.
    const ten = measured(presented(...none.flatMap((line) => Array<string>(10).fill(line))))
    expect(ten.detectors[0]!.own!.bpcer.high).toBe(own!.bpcer.high)
  })

  it('takes as many as there are', () => {
    const many = Array.from({ length: 70_000 }, (_, i) => [
      { name: 'a', species: null, person: null, scores: [1 - (i % 10) / 20] },
      { name: 'b', species: 'print', person: null, scores: [(i % 10) / 20] },
    ]).flat()
    const { people, detectors } = measurePad(many, [{ name: 'm', threshold: 0.65 }], {
      replicates: 2,
    })
    expect(people).toBe(140_000)
    expect(detectors[0]!.own!.bpcer.value).toBe(0.2)
  })

  it('refuses what cannot be measured', () => {
    const refused = code('EVALUATE_PAD')
    expect(() => measured(presented('- ann 1'))).toThrow(refused)
    expect(() => measured(presented('print ann 1'))).toThrow(refused)
    expect(() => measured(presented('- ann', 'print ann 1'))).toThrow(refused)
    expect(() => measured(presented('- ann 1', 'print ann'))).toThrow(refused)
    expect(() => measured(presented('- ann NaN', 'print ann 1'))).toThrow(refused)
    expect(() => measurePad(small, [])).toThrow(refused)
    const two = ['a', 'b'].map((name) => ({ name, threshold: 0.5 }))
    expect(() => measurePad(small, two)).toThrow(refused)
    expect(() => measurePad(small, two.slice(1), { apcers: [1] })).toThrow(code('EVALUATE_OPTION'))
    expect(() => measurePad(small, two.slice(1), { level: 1 })).toThrow(code('EVALUATE_OPTION'))
  })
})

/** Scores with many ties. */
const score = fc.integer({ min: 0, max: 12 }).map((v) => v / 12)
const person = fc.constantFrom('a', 'b', 'c', 'd', null)
const some = (species: string | null) =>
  fc.array(
    fc.record({
      name: fc.constant('x'),
      species: fc.constant(species),
      person,
      scores: fc.option(fc.tuple(score), { freq: 6 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
const presentations = fc
  .tuple(some(null), some('print'), some('screen'))
  .filter((kinds) => [kinds[0], kinds[1], kinds[2]].every((kind) => kind.some((one) => one.scores)))
  .map((kinds) => kinds.flat() as Presentation[])

describe('the figures of any presentations', () => {
  it('are those that trying every threshold gives', () => {
    fc.assert(
      fc.property(presentations, score, (all, threshold) => {
        const scores = (species: string | null) =>
          all.flatMap((one) => (one.species === species && one.scores ? one.scores[0]! : []))
        const share = (values: number[], isWrong: (value: number) => boolean) =>
          values.filter(isWrong).length / values.length
        const apcer = (species: string, t: number) => share(scores(species), (v) => v >= t)
        const bpcer = (t: number) => share(scores(null), (v) => v < t)
        const { own, atApcer, atBpcer } = measured(all, threshold).detectors[0]!
        const names = [...new Set(all.flatMap(({ species }) => species ?? []))]
        expect(own!.bpcer.value).toBe(bpcer(threshold))
        expect(own!.apcer.map((rate) => rate!.value)).toEqual(
          names.map((name) => apcer(name, threshold)),
        )
        expect(own!.apcerMax.value).toBe(Math.max(...names.map((name) => apcer(name, threshold))))
        // All that tell a difference.
        const thresholds = [...Array.from({ length: 13 }, (_, i) => i / 12), 2]
        const least = (isAllowed: (t: number) => boolean) =>
          Math.min(...thresholds.filter(isAllowed).map(bpcer))
        for (const { apcer: allowed, bpcer: found, each, threshold: at } of atApcer) {
          expect(found.value).toBe(least((t) => names.every((name) => apcer(name, t) <= allowed)))
          expect(each.map((rate) => rate!.value)).toEqual(
            names.map((name) => least((t) => apcer(name, t) <= allowed)),
          )
          expect(bpcer(at ?? 2)).toBe(found.value)
          for (const name of names) expect(apcer(name, at ?? 2)).toBeLessThanOrEqual(allowed)
        }
        for (const { bpcer: allowed, apcer: found, threshold: at } of atBpcer) {
          expect(bpcer(at)).toBeLessThanOrEqual(allowed)
          const best = names.map((name) =>
            Math.min(...thresholds.filter((t) => bpcer(t) <= allowed).map((t) => apcer(name, t))),
          )
          expect(found.map((rate) => rate!.value)).toEqual(best)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('lie within their intervals, and do not depend on the order', () => {
    fc.assert(
      fc.property(presentations, score, fc.nat(), (all, threshold, turn) => {
        const rates = ({ living, species, detectors }: PadResult) => {
          const [{ own, atApcer, atBpcer }] = detectors as [PadResult['detectors'][number]]
          const bySpecies = species.map(({ name, nonResponse }, i) => [
            ...[name, nonResponse, own!.apcer[i]],
            ...[...atBpcer.map(({ apcer }) => apcer[i]), ...atApcer.map(({ each }) => each[i])],
          ])
          return {
            living: [living.nonResponse, own!.bpcer, ...atApcer.map(({ bpcer }) => bpcer)],
            bySpecies,
          }
        }
        const { living, bySpecies } = rates(measured(all, threshold))
        for (const rate of [...living, ...bySpecies.flat()]) {
          if (rate === null || typeof rate !== 'object') continue
          expect(rate.low ?? 0).toBeLessThanOrEqual(rate.value)
          expect(rate.high ?? 1).toBeGreaterThanOrEqual(rate.value)
        }
        const k = turn % all.length
        const turned = rates(measured([...all.slice(k), ...all.slice(0, k)], threshold))
        const values = (list: readonly unknown[]) =>
          list.map((one) => (one as { value?: number } | null)?.value ?? one)
        expect(values(turned.living)).toEqual(values(living))
      }),
      { numRuns: 40 },
    )
  })
})
