import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mix32, Random, shuffle } from './random.js'

/** sfc32 as PractRand writes it, in BigInt modulo 2^32. */
function* sfc32(a: bigint, b: bigint, c: bigint): Generator<number> {
  const word = (x: bigint) => BigInt.asUintN(32, x)
  for (let counter = 1n; ; counter++) {
    const t = word(a + b + counter)
    a = b ^ (b >> 9n)
    b = word(c + (c << 3n))
    c = word(word((c << 21n) | (c >> 11n)) + t)
    yield Number(t)
  }
}

describe('mix32', () => {
  it('is MurmurHash3 of the empty string', () => {
    expect(mix32(1)).toBe(0x514e28b7)
    expect(mix32(0xffffffff)).toBe(0x81f16f39)
  })
})

describe('Random', () => {
  it('equals sfc32 after twelve rounds, seeded by the mixed sequence', () => {
    const gamma = 0x9e3779b9
    let state = 1 // a key of one part
    const next = () => {
      state = (state + gamma) >>> 0
      return mix32(state)
    }
    state = (next() ^ 42) >>> 0
    state = (next() ^ 0) >>> 0
    const reference = sfc32(BigInt(next()), BigInt(next()), BigInt(next()))
    for (let i = 0; i < 12; i++) reference.next()
    const random = new Random(42)
    for (let i = 0; i < 1000; i++) expect(random.uint32()).toBe(reference.next().value)
  })

  it('gives unrelated streams for different keys', () => {
    const keys = [[0], [0, 0], [1], [0, 1], [1, 0], [2 ** 32], [1, 2, 3], [3, 2, 1]]
    const first = keys.map((key) => new Random(...key).uint32())
    expect(new Set(first).size).toBe(keys.length)
  })

  it('refuses keys that are no safe non-negative integers', () => {
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => new Random(bad)).toThrow(expect.objectContaining({ code: 'VISION_USE' }))
  })

  it('has the moments of the distributions that it names', () => {
    const random = new Random(7)
    const n = 100_000
    let sum = 0
    let squares = 0
    let uniform = 0
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < n; i++) {
      const x = random.normal()
      sum += x
      squares += x * x
      uniform += random.between(2, 4)
      counts[random.below(7)]! += 1
    }
    // Five standard errors each.
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
    expect(Math.abs(uniform / n - 3)).toBeLessThan(5 / Math.sqrt(3 * n))
    for (const count of counts)
      expect(Math.abs(count - n / 7)).toBeLessThan(5 * Math.sqrt((n / 7) * (6 / 7)))
  })
})

describe('shuffle', () => {
  it('is a permutation that depends on seed, epoch and n only', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat({ max: 1000 }),
        fc.integer({ min: 0, max: 300 }),
        (seed, epoch, n) => {
          const order = shuffle(seed, epoch, n)
          expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
          expect(shuffle(seed, epoch, n)).toEqual(order)
        },
      ),
    )
  })

  it('changes with the seed and with the epoch', () => {
    expect(shuffle(1, 0, 100)).not.toEqual(shuffle(2, 0, 100))
    expect(shuffle(1, 0, 100)).not.toEqual(shuffle(1, 1, 100))
  })

  it('reaches every permutation of four equally often', () => {
    const counts = new Map<string, number>()
    const n = 24_000
    for (let epoch = 0; epoch < n; epoch++) {
      const key = shuffle(5, epoch, 4).join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 31)
  })
})
