import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSampler, PeopleSampler } from './sampler.js'

/** People with 1 to 9 images each, labels in any order, and a P x K that they can fill. */
const cases = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
    fc.array(fc.nat(), { minLength: 108, maxLength: 108 }),
    fc.nat(11),
    fc.nat(4),
    fc.nat(),
    fc.nat(9),
  )
  .map(([counts, keys, people, images, seed, epoch]) => {
    const labels = counts
      .flatMap((count, label) => Array<number>(count).fill(label))
      .map((label, i) => ({ label, key: keys[i]! }))
      .sort((a, b) => a.key - b.key)
      .map(({ label }) => label)
    const options = { people: 1 + (people % counts.length), images: 1 + images }
    const steps = Math.floor(labels.length / (options.people * options.images))
    return { labels: Int32Array.from(labels), counts, options, seed, epoch, steps }
  })

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))

describe('PeopleSampler', () => {
  it('fills every batch with K images of each of P people', () => {
    fc.assert(
      fc.property(cases, ({ labels, counts, options, seed, epoch, steps }) => {
        const { people, images } = options
        const order = [...new PeopleSampler(labels, options).order(seed, epoch, steps)]
        expect(order).toHaveLength(steps * people * images)
        for (const batch of chunks(order, people * images)) {
          const groups = chunks(batch, images)
          const shown = groups.map(([first]) => labels[first!]!)
          expect(new Set(shown).size).toBe(people)
          for (const [i, group] of groups.entries()) {
            expect(group.every((index) => labels[index] === shown[i])).toBe(true)
            // Images are repeated only where the person has too few.
            expect(new Set(group).size).toBe(Math.min(images, counts[shown[i]!]!))
          }
        }
      }),
    )
  })

  it('draws people equally often, and the images of a person too', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 40 }), (given, steps) => {
        const { labels, counts, options, seed, epoch } = given
        const order = new PeopleSampler(labels, options).order(seed, epoch, steps)
        const visits = counts.map(() => 0)
        const shown = Array.from(labels, () => 0)
        for (const index of order) {
          visits[labels[index]!]!++
          shown[index]!++
        }
        expect(Math.max(...visits) - Math.min(...visits)).toBeLessThanOrEqual(options.images)
        for (const label of counts.keys()) {
          const own = shown.filter((_, index) => labels[index] === label)
          expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  it('depends on seed and epoch, and on nothing else', () => {
    const labels = Int32Array.from({ length: 60 }, (_, i) => i % 12)
    const options = { people: 4, images: 3 }
    const order = (seed: number, epoch: number) =>
      new PeopleSampler(labels, options).order(seed, epoch, 5)
    expect(order(1, 2)).toEqual(order(1, 2))
    expect(order(1, 2)).not.toEqual(order(2, 2))
    expect(order(1, 2)).not.toEqual(order(1, 3))
    const one = new PeopleSampler(labels, options)
    one.order(1, 0, 5)
    expect(one.order(1, 2, 5)).toEqual(order(1, 2))
  })

  it('brings every two people together sooner or later', () => {
    const labels = Int32Array.from({ length: 16 }, (_, i) => i >> 1)
    const sampler = new PeopleSampler(labels, { people: 4, images: 2 })
    const together = new Set<string>()
    for (const batch of chunks([...sampler.order(1, 0, 60)], 8))
      for (const a of batch) for (const b of batch) together.add(`${labels[a]} ${labels[b]}`)
    expect(together.size).toBe(8 * 8)
  })

  it('names the images of a person from one of them on', () => {
    const sampler = new PeopleSampler(Int32Array.of(0, 1, 0, 0, 1), { people: 1, images: 1 })
    expect(sampler.imagesFrom(2)).toEqual([2, 3, 0])
    expect(sampler.imagesFrom(1)).toEqual([1, 4])
  })
})

describe('checkSampler', () => {
  const samples = [0, 0, 0, 1, 1, 1, 2].map((label) => ({ path: '', label }))
  it.each([
    [{ people: 2, images: 3 }, 8, /2 x 3 = 6.*batchSize is 8.*Set batchSize to 6/],
    [{ people: 4, images: 1 }, 4, /4 people.*7 images of 3 people/],
    [{ people: 2, images: 4 }, 8, /7 images of 3 people/],
    [{ people: 0, images: 1 }, 0, /sampler\.people/],
    [{ people: 1, images: 1.5 }, 1.5, /sampler\.images/],
  ])('refuses %o in a batch of %d', (options, batchSize, message) => {
    expect(() => checkSampler(options, samples, batchSize)).toThrow(
      expect.objectContaining({ code: 'DATA_OPTION', message: expect.stringMatching(message) }),
    )
  })

  it('takes what fits', () => {
    expect(() => checkSampler({ people: 3, images: 2 }, samples, 6)).not.toThrow()
  })
})
