import type { Chunk, HeldFaces } from './faces.js'
import type { RowProduct } from './product.js'

/** Probes of a product. */
const PROBES = 32
/** Scores at a time, 4 MB: with fewer probes more rows. */
const SCORES = 2 ** 20

/** A person's face that is most similar to a probe. */
export interface Found {
  readonly person: string
  readonly slot: number
  readonly similarity: number
}

/**
 * For each probe the people whose faces are the most similar, by comparing with every face.
 *
 * @param probes dim numbers each
 * @param allowed ids of people; undefined: all
 * @returns for each probe `top` people or fewer, none below `threshold`, the most similar first
 */
export async function searchFaces(
  product: RowProduct,
  faces: HeldFaces,
  probes: readonly Float32Array[],
  top: number,
  threshold: number,
  allowed: ReadonlySet<string> | undefined,
): Promise<Found[][]> {
  const results: Found[][] = []
  for (let first = 0; first < probes.length; first += PROBES) {
    const some = probes.slice(first, first + PROBES)
    const dim = some[0]!.length
    const block = new Float32Array(some.length * dim)
    for (const [i, probe] of some.entries()) block.set(probe, i * dim)
    const best = some.map(() => new Best(top, threshold))
    const batches = batchesOf(faces.parts(), some.length, dim)
    const multiply = (batch: readonly Chunk[] = []) => {
      const scores = product.times(block, batch, dim)
      scores.catch(() => {}) // told where it is waited for
      return scores
    }
    let coming = multiply(batches[0])
    for (const [b, batch] of batches.entries()) {
      const pieces = await coming
      // The next is multiplied while this one is looked through.
      coming = multiply(batches[b + 1])
      for (const { part, first, scores } of pieces) {
        const n = scores.length / some.length
        for (const [i, one] of best.entries())
          collect(
            one,
            scores.subarray(i * n, (i + 1) * n),
            batch[part]!.first + first,
            faces,
            allowed,
          )
      }
    }
    results.push(...best.map((one) => one.people()))
  }
  return results
}

/** Parts in their order, so many together that their scores are not many more than SCORES. */
function batchesOf(parts: readonly Chunk[], probes: number, dim: number): Chunk[][] {
  const batches: Chunk[][] = []
  let room = 0
  for (const part of parts) {
    if (room <= 0) {
      batches.push([])
      room = SCORES
    }
    batches.at(-1)!.push(part)
    room -= (probes * part.rows.length) / dim
  }
  return batches
}

function collect(
  best: Best,
  scores: Float32Array,
  first: number,
  faces: HeldFaces,
  allowed: ReadonlySet<string> | undefined,
): void {
  for (let i = 0; i < scores.length; i++) {
    if (!(scores[i]! >= best.floor)) continue
    const face = faces.at(first + i)
    if (face && (allowed === undefined || allowed.has(face.person)))
      best.add(face.person, first + i, scores[i]!)
  }
}

/** The best faces of the best people so far. */
class Best {
  private readonly found = new Map<string, Found>()

  constructor(
    private readonly top: number,
    /** Who is below is not among them. */
    public floor: number,
  ) {}

  add(person: string, slot: number, similarity: number): void {
    const before = this.found.get(person)
    if (before && before.similarity >= similarity) return
    this.found.set(person, { person, slot, similarity })
    // Sorted only now and then: it costs little for each face, however many people are wanted.
    if (this.found.size < 2 * this.top + 16) return
    const people = this.people()
    this.found.clear()
    for (const one of people) this.found.set(one.person, one)
    this.floor = Math.max(this.floor, people.at(-1)!.similarity)
  }

  people(): Found[] {
    return [...this.found.values()].sort((a, b) => b.similarity - a.similarity).slice(0, this.top)
  }
}
