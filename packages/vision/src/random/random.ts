import { VisionError } from '../errors.js'

/** MurmurHash3's 32-bit finaliser: a bijection of uint32 in which every input bit reaches every output bit. */
export function mix32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), its state filled by a splitmix32 sequence.
 *
 * The key is a list of non-negative safe integers, for example `(seed, epoch, index)`. Streams of different keys are
 * unrelated, so that a sample's numbers depend on its key alone and never on who drew before.
 */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 1

  constructor(...key: number[]) {
    let state = key.length
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      return mix32(state)
    }
    for (const part of key) {
      if (!Number.isSafeInteger(part) || part < 0)
        throw new VisionError(
          'VISION_USE',
          `A seed must be an integer from 0 to 2^53 - 1, but it is ${part}.`,
        )
      state = next() ^ (part >>> 0)
      state = next() ^ Math.floor(part / 2 ** 32)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** Uniform over 0 .. 2^32 - 1. */
  uint32(): number {
    const t = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return t >>> 0
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  float(): number {
    return this.uint32() / 2 ** 32
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.float()
  }

  /** A uniform integer in 0 .. n - 1 without bias; n from 1 to 2^32. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      const x = this.uint32()
      if (x < limit) return x % n
    }
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.float() < p
  }

  /** Normal with mean 0 and variance 1 (Box-Muller, one of the two values). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()))
    return radius * Math.cos(2 * Math.PI * this.float())
  }

  /** One of the items, uniformly. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** 0 .. n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const other = order[j]!
      order[j] = order[i]!
      order[i] = other
    }
    return order
  }
}

/** A permutation of 0 .. n - 1 that depends on seed, epoch and n only. */
export const shuffle = (seed: number, epoch: number, n: number): Uint32Array =>
  new Random(seed, epoch).permutation(n)
