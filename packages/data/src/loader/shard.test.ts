import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkShard, shareOf } from './shard.js'

const cases = fc.record({
  world: fc.integer({ min: 1, max: 9 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  positions: fc.integer({ min: 1, max: 500 }),
})

describe('shareOf', () => {
  it('deals every position to one rank and one step, in order, evenly', () => {
    fc.assert(
      fc.property(cases, ({ world, batchSize, positions }) => {
        const seen: number[] = []
        for (let step = 0; step < Math.ceil(positions / (world * batchSize)); step++) {
          const lengths: number[] = []
          for (let rank = 0; rank < world; rank++) {
            const { first, length } = shareOf(step, batchSize, positions, { rank, world })
            for (let i = 0; i < length; i++) seen.push(first + i)
            lengths.push(length)
          }
          expect(Math.max(...lengths)).toBeLessThanOrEqual(batchSize)
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
          if ((step + 1) * world * batchSize <= positions)
            expect(lengths).toEqual(lengths.map(() => batchSize))
        }
        expect(seen).toEqual(Array.from({ length: positions }, (_, i) => i))
      }),
    )
  })
})

describe('checkShard', () => {
  it.each([
    [{ rank: 2, world: 2 }, /less than world.*2 of 2/],
    [{ rank: -1, world: 2 }, /rank/],
    [{ rank: 0, world: 0 }, /world/],
    [{ rank: 0.5, world: 2 }, /rank/],
  ])('refuses %o', (shard, message) => {
    expect(() => checkShard(shard)).toThrow(
      expect.objectContaining({ code: 'DATA_OPTION', message: expect.stringMatching(message) }),
    )
  })
})
