import { SAME_PICTURE } from '@arcface/vision'
import { countPeople } from '../verification/identities.js'
import type { PairsAbove } from './across.js'

/** Two folders are one person where their faces are so nearly as alike across as within (share of the cosine). */
export const ONE_PERSON = 0.8
/** A face is another person's where it is so nearly as like these faces as they are to each other, ... */
const OTHERS = 0.75
/** ... and less like those of its own folder than this share of that. */
const OWN = 0.6
/** Of whom more than this share is doubtful is left out whole. */
const WHOLE = 0.5

/** Why a row is left out: it seems to be of the person of that number, or is a picture under two names, or of such a person. */
export type Doubt = number | 'picture under two names' | 'most of the person left out'

export interface DoubtfulLabels {
  /**
   * Person of each row, as given but for folders that are one person, which have one number, and doubtful rows, which
   * have -1.
   */
  readonly person: Int32Array
  /** Folders that are one person. */
  readonly merged: readonly (readonly [number, number])[]
  /** Rows left out. */
  readonly left: ReadonlyMap<number, Doubt>
}

/**
 * Labels of faces that are wrong in all likelihood, so that impostor pairs are of two people: folders that show one
 * person under two names, faces of somebody of another folder, the same picture under two names, and people of whom most
 * is left out for that. By the model's own embeddings: a face counts as another's only where it is about as like all of
 * that person's as these are to each other, which a mere likeness is not. It errs for a model that hardly tells people
 * apart. Time grows with rows times people.
 * @param rows n x dim, L2-normalised
 * @param person of each row: 0, 1, ...
 */
export async function doubtfulLabels(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
  pairsAbove: PairsAbove,
): Promise<DoubtfulLabels> {
  const labels = person.slice()
  const left = new Map<number, Doubt>()
  await pairsAbove(rows, dim, SAME_PICTURE, (i, j) => {
    if (labels[i] !== labels[j]) for (const row of [i, j]) left.set(row, 'picture under two names')
  })
  for (const row of left.keys()) labels[row] = -1
  const merged = mergeFolders(labels, new Groups(rows, dim, labels))
  for (let more = true; more; ) {
    const groups = new Groups(rows, dim, labels)
    const found = groups.strays()
    for (const [row, other] of found) {
      left.set(row, other)
      labels[row] = -1
    }
    more = found.length > 0
  }
  leaveWhole(person, labels, left)
  return { person: labels, merged, left }
}

/** Faces by person: means of cosines between a face and a person, and between two people, by sums of embeddings. */
class Groups {
  private readonly sums: Float64Array
  private readonly counts: Float64Array
  /** Mean cosine of two faces of a person; NaN of one face. */
  private readonly within: Float64Array

  constructor(
    private readonly rows: Float32Array,
    private readonly dim: number,
    private readonly person: Int32Array,
  ) {
    const people = countPeople(person)
    this.sums = new Float64Array(people * dim)
    this.counts = new Float64Array(people)
    for (const [row, one] of person.entries()) {
      if (one < 0) continue
      this.counts[one]!++
      for (let d = 0; d < dim; d++) this.sums[one * dim + d]! += rows[row * dim + d]!
    }
    this.within = this.counts.map((n, one) => (this.product(one, one) - n) / (n * (n - 1)))
  }

  /** Pairs of people who seem to be one. */
  *alike(): Generator<readonly [number, number]> {
    const { counts, within } = this
    for (let a = 0; a < counts.length; a++)
      for (let b = 0; b < a; b++) {
        const across = this.product(a, b) / (counts[a]! * counts[b]!)
        // Of a single face, there is no within.
        const known = [within[a]!, within[b]!].filter((mean) => !Number.isNaN(mean))
        if (known.length > 0 && across > ONE_PERSON * Math.max(...known)) yield [b, a]
      }
  }

  /** Rows that seem to be of another person, and of whom. */
  strays(): [row: number, other: number][] {
    const { counts, within, person } = this
    const found: [number, number][] = []
    for (const [row, own] of person.entries()) {
      if (own < 0 || counts[own]! < 2) continue
      let [other, most] = [-1, Number.NEGATIVE_INFINITY]
      for (let one = 0; one < counts.length; one++) {
        if (one === own || counts[one]! < 2) continue
        const mean = this.toPerson(row, one) / counts[one]!
        if (mean > most) [other, most] = [one, mean]
      }
      if (other < 0 || !(most > OTHERS * within[other]!)) continue
      const mean = (this.toPerson(row, own) - 1) / (counts[own]! - 1)
      if (mean < OWN * most) found.push([row, other])
    }
    return found
  }

  private toPerson(row: number, one: number): number {
    const { rows, sums, dim } = this
    let product = 0
    for (let d = 0; d < dim; d++) product += rows[row * dim + d]! * sums[one * dim + d]!
    return product
  }

  private product(a: number, b: number): number {
    const { sums, dim } = this
    let product = 0
    for (let d = 0; d < dim; d++) product += sums[a * dim + d]! * sums[b * dim + d]!
    return product
  }
}

function mergeFolders(labels: Int32Array, groups: Groups): [number, number][] {
  const merged: [number, number][] = []
  const into = new Map<number, number>()
  for (const [a, b] of groups.alike()) {
    merged.push([a, b])
    into.set(b, into.get(a) ?? a)
  }
  for (const [row, one] of labels.entries()) labels[row] = into.get(one) ?? one
  return merged
}

function leaveWhole(given: Int32Array, labels: Int32Array, left: Map<number, Doubt>): void {
  const counts = new Map<number, { all: number; gone: number }>()
  for (const [row, one] of given.entries()) {
    const { all, gone } = counts.get(one) ?? { all: 0, gone: 0 }
    counts.set(one, { all: all + 1, gone: gone + Number(left.has(row)) })
  }
  for (const [row, one] of given.entries()) {
    const { all, gone } = counts.get(one)!
    if (gone <= WHOLE * all || left.has(row)) continue
    left.set(row, 'most of the person left out')
    labels[row] = -1
  }
}
