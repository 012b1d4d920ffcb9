/** Where living ends: accepted are the scores above it, with `inclusive` those at it too. */
export interface Bound {
  readonly score: number
  readonly inclusive: boolean
}

/** What is wrong of a kind of presentations: attacks that are accepted, or living people who are refused. */
export type Wrong = 'accepted' | 'refused'

/** The scores of the presentations of one kind (living people, or attacks of one species), and whose each is. */
export class Answers {
  /** Descending. */
  private readonly scores: Float64Array
  /** In the order of the scores. */
  private readonly people: Int32Array

  constructor(scores: readonly number[], people: readonly number[]) {
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!)
    this.scores = Float64Array.from(order, (i) => scores[i]!)
    this.people = Int32Array.from(order, (i) => people[i]!)
  }

  get length(): number {
    return this.scores.length
  }

  /** Share that is decided wrongly, where each person counts as often as `draws` says; NaN where nobody does. */
  rate(wrong: Wrong, bound: Bound, draws: Float64Array): number {
    const accepted = this.accepted(bound)
    let [within, all] = [0, 0]
    for (let i = 0; i < this.people.length; i++) {
      const weight = draws[this.people[i]!]!
      all += weight
      if (i < accepted) within += weight
    }
    return (wrong === 'accepted' ? within : all - within) / all
  }

  /** How many are decided wrongly, of how many people, and with how many people at least one. */
  count(wrong: Wrong, bound: Bound): { errors: number; affected: number; members: number } {
    const accepted = this.accepted(bound)
    const erring = wrong === 'accepted' ? [0, accepted] : [accepted, this.length]
    return {
      errors: erring[1]! - erring[0]!,
      affected: new Set(this.people.subarray(...erring)).size,
      members: new Set(this.people).size,
    }
  }

  /** The lowest bound that accepts no more than this share; where all may be accepted, minus infinity. */
  boundAccepting(share: number, draws: Float64Array): Bound {
    const all = this.weigh(draws)
    let within = 0
    for (let i = 0; i < this.length; ) {
      const score = this.scores[i]!
      for (; this.scores[i] === score; i++) within += draws[this.people[i]!]!
      if (within / all > share) return { score, inclusive: false }
    }
    return { score: Number.NEGATIVE_INFINITY, inclusive: false }
  }

  /** The highest bound that refuses no more than this share; where all may be refused, infinity. */
  boundRefusing(share: number, draws: Float64Array): Bound {
    const all = this.weigh(draws)
    let without = 0
    for (let i = this.length - 1; i >= 0; ) {
      const score = this.scores[i]!
      for (; this.scores[i] === score; i--) without += draws[this.people[i]!]!
      if (without / all > share) return { score, inclusive: true }
    }
    return { score: Number.POSITIVE_INFINITY, inclusive: true }
  }

  /** The lowest score that a bound accepts; infinity where it accepts none. */
  lowestAccepted(bound: Bound): number {
    const accepted = this.accepted(bound)
    return accepted === 0 ? Number.POSITIVE_INFINITY : this.scores[accepted - 1]!
  }

  /** How many a bound accepts. */
  private accepted({ score, inclusive }: Bound): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const one = this.scores[middle]!
      if (one > score || (inclusive && one === score)) low = middle + 1
      else high = middle
    }
    return low
  }

  private weigh(draws: Float64Array): number {
    let all = 0
    for (const person of this.people) all += draws[person]!
    return all
  }
}
