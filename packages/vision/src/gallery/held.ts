import type { HeldFaces } from '../search/faces.js'
import type { RowProduct } from '../search/product.js'
import { type Found, searchFaces } from '../search/search.js'
import type { HeldPeople } from './held-people.js'
import type { Identified, IdentifyOptions, IdentifyRules, Match } from './identify.js'
import { foundOf } from './person.js'

/** What a gallery held at some version of its tables. */
export interface Held {
  readonly faces: HeldFaces
  readonly people: HeldPeople
}

export const heldRules = ({ thresholdOf }: IdentifyRules) => ({
  /** The most similar people of each probe, each by the best of their faces: every one is compared. */
  async identifyHeld(
    product: RowProduct,
    held: Held,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    const { top = 1, filter } = options
    const groups = filter?.groups ?? []
    const allowed = groups.length > 0 ? held.people.in(groups) : undefined
    const searched = allowed
      ? { people: allowed.size, faces: held.faces.countOf(allowed) }
      : { people: held.people.size, faces: held.faces.size }
    const threshold = thresholdOf(options, searched)
    const least = threshold ?? -1
    const found = await searchFaces(product, held.faces, probes, top, least, allowed)
    return found.map((people) => ({
      threshold,
      searched,
      matches: people.flatMap((one) => matchOf(held, one)),
    }))
  },
})

/** None where the person has been deleted meanwhile. */
function matchOf({ people }: Held, { face, similarity }: Found): Match[] {
  const row = people.get(face.person)
  if (!row) return []
  const cosine = Math.max(-1, Math.min(1, similarity))
  return [{ ...foundOf(row), similarity: cosine, face: face.id, source: face.source }]
}
