import type { Identified, IdentifyOptions } from '@arcface/vision'
import { findPeople } from '../people/find.js'
import type { Tables } from '../store/tables.js'
import { facesBesideIn } from './compare.js'
import type { Search } from './search.js'

/**
 * The most similar faces of each probe, whosever they are. They are of the most similar people: nobody else's best face
 * is among them.
 */
export async function nearestIn(
  tables: Tables,
  search: Search,
  probes: readonly Float32Array[],
  options: IdentifyOptions,
): Promise<Identified[]> {
  const { top = 1 } = options
  if (top === 1) return search.together(tables, probes, options)
  const people = await search.identify(tables, probes, options)
  const names = new Set(people.flatMap(({ matches }) => matches.map(({ name }) => name)))
  const ids = new Map(
    [...(await findPeople(tables, [...names])).values()].map(({ id, name }) => [id, name]),
  )
  const faces = await facesBesideIn(tables, [...ids.keys()], probes)
  return people.map((one, i) => {
    const persons = new Map(one.matches.map((match) => [match.name, match]))
    const matches = faces
      .flatMap(({ id: face, person, source, similarities }) => {
        const match = persons.get(ids.get(person)!)
        const similarity = similarities[i]!
        if (match === undefined || similarity < (one.threshold ?? -1)) return []
        return [{ ...match, face, source, similarity }]
      })
      .sort((a, b) => b.similarity - a.similarity)
    return { ...one, matches: matches.slice(0, top) }
  })
}
