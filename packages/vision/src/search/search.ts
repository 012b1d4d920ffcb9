import { Best, type Candidate } from './best.js'
import type { FloatPart, HeldFace, HeldFaces, HeldPanel } from './faces.js'
import type { RowProduct } from './product.js'

/** Probes of a product. */
const PROBES = 32
/** Scores at a time, 4 MB: with fewer probes more rows. */
const SCORES = 2 ** 20
/** Panels that are bounded first: what is found there says which rows of the others are worth telling of. */
const FIRST_PANELS = 2
/** Bounds at a time, if all rows were told of: 128 MB. */
const BOUNDS = 2 ** 24
/** Rows of a panel, at most. */
const PANEL_ROWS = 2 ** 16
/** Faces of a probe whose similarity is computed at a time. */
const EXACT = 256

/** A person's face that is most similar to a probe. */
export interface Found {
  readonly face: HeldFace
  readonly similarity: number
}

/**
 * For each probe the people whose faces are the most similar, by comparing with every face. Of faces held in bytes the
 * products are bounded (`boundsOfProducts`), and those that may be among the best are computed in float: what is told is true, and
 * nobody is missed.
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
    await multiply(product, faces, block, dim, best, allowed)
    await bound(faces, block, dim, best, allowed)
    results.push(...(await exactly(faces, some, best, top, threshold)))
  }
  return results
}

/** Compares with the faces that are held in float. */
async function multiply(
  product: RowProduct,
  faces: HeldFaces,
  block: Float32Array,
  dim: number,
  best: readonly Best[],
  allowed: ReadonlySet<string> | undefined,
): Promise<void> {
  const batches = batchesOf(faces.parts(), best.length, dim)
  const times = (batch: readonly FloatPart[] = []) => {
    const scores = product.times(block, batch, dim)
    scores.catch(() => {}) // told where it is waited for
    return scores
  }
  let coming = times(batches[0])
  for (const [b, batch] of batches.entries()) {
    const pieces = await coming
    // The next is multiplied while this one is looked through.
    coming = times(batches[b + 1])
    for (const { part, first, scores } of pieces) {
      const n = scores.length / best.length
      const slot = batch[part]!.first + first
      for (const [i, one] of best.entries())
        for (let j = 0, at = i * n; j < n; j++, at++) {
          const score = scores[at]!
          if (!(score >= one.floor)) continue
          const person = faces.personAt(slot + j, allowed)
          if (person !== undefined) one.add(person, slot + j, score, score)
        }
    }
  }
}

/** Parts in their order, so many together that their scores are not many more than SCORES. */
function batchesOf(parts: readonly FloatPart[], probes: number, dim: number): FloatPart[][] {
  const batches: FloatPart[][] = []
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

/** Compares with the faces that are held in bytes. */
async function bound(
  faces: HeldFaces,
  block: Float32Array,
  dim: number,
  best: readonly Best[],
  allowed: ReadonlySet<string> | undefined,
): Promise<void> {
  const panels = faces.panels()
  const most = Math.max(1, Math.floor(BOUNDS / (PANEL_ROWS * best.length)))
  let batch: readonly HeldPanel[]
  for (let first = 0; first < panels.length; first += batch.length) {
    batch = panels.slice(first, first + (first === 0 ? FIRST_PANELS : most))
    const all = await faces.bytes!.above(
      batch.map(({ panel }) => panel),
      block,
      dim,
      Float32Array.from(best, ({ floor }) => floor),
    )
    for (const [p, { counts, rows, most, slack }] of all.entries()) {
      let at = 0
      for (const [i, one] of best.entries())
        for (const end = at + counts[i]!; at < end; at++) {
          if (!(most[at]! >= one.floor)) continue
          const slot = batch[p]!.slotOf(rows[at]!)
          const person = faces.personAt(slot, allowed)
          if (person !== undefined) one.add(person, slot, most[at]! - slack[i]!, most[at]!)
        }
    }
  }
}

/** Of a probe: what is known so far, and what is to be looked at yet. */
interface Open {
  readonly probe: Float32Array
  readonly people: Map<string, Found>
  left: Candidate[]
  floor: number
}

/** The best for sure. */
async function exactly(
  faces: HeldFaces,
  probes: readonly Float32Array[],
  best: readonly Best[],
  top: number,
  threshold: number,
): Promise<Found[][]> {
  const all = best.map((one, i): Open => {
    return { probe: probes[i]!, people: new Map(), left: one.possible(), floor: threshold }
  })
  for (let open = all; open.length > 0; open = open.filter(({ left }) => left.length > 0)) {
    const next = open.map(({ left }) => left.slice(0, EXACT))
    const read = await readFaces(faces, next.flat())
    for (const [i, one] of open.entries()) {
      for (const { person, slot, least, most } of next[i]!) {
        const found = read.get(slot)
        // Gone meanwhile.
        if (found === undefined) continue
        const similarity = least === most ? most : product(found.embedding, one.probe)
        const before = one.people.get(person)
        if (similarity < threshold || (before && before.similarity >= similarity)) continue
        one.people.set(person, { face: { ...found, person }, similarity })
      }
      const known = sorted(one.people)
      if (known.length >= top) one.floor = known[top - 1]!.similarity
      one.left = one.left.slice(EXACT).filter(({ most }) => most >= one.floor)
    }
  }
  return all.map(({ people }) => sorted(people).slice(0, top))
}

const sorted = (people: ReadonlyMap<string, Found>): Found[] =>
  [...people.values()].sort((a, b) => b.similarity - a.similarity)

interface Read extends Pick<HeldFace, 'id' | 'source'> {
  readonly embedding: Float32Array
}

/** Those of candidates that are there, by their slots: from memory, or where they are stored. */
async function readFaces(
  faces: HeldFaces,
  candidates: readonly Candidate[],
): Promise<Map<number, Read>> {
  const found = new Map<number, Read>()
  const missing = new Map<number, number>()
  for (const { slot } of candidates) {
    const [face, embedding] = [faces.at(slot), faces.embeddingAt(slot)]
    if (face && embedding) found.set(slot, { id: face.id, source: face.source, embedding })
    else if (faces.personAt(slot) !== undefined && !embedding) missing.set(faces.rowAt(slot), slot)
  }
  if (missing.size === 0) return found
  for (const [row, face] of await faces.stored!([...missing.keys()]))
    found.set(missing.get(row)!, face)
  return found
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
