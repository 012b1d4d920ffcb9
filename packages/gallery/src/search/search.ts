import { Product } from '@arcface/recognize'
import { type Found, searchFaces } from '@arcface/vision'
import { personOf } from '../people/person.js'
import type { Tables } from '../store/tables.js'
import {
  type Identified,
  type IdentifyOptions,
  identifyIn,
  type Match,
  searchedIn,
  thresholdOf,
} from './identify.js'
import { type Held, Memory } from './memory/memory.js'

/**
 * Finds people in memory, comparing with every face, or on disk. Memory pays from the second search
 * on, so who asks once does not wait until it is filled.
 */
export class Search {
  private memory: Memory | undefined
  private product: Promise<Product> | undefined
  private asked = 0

  /** @param exactFaces so many are held in memory; where there are more, the disk is searched */
  constructor(private readonly exactFaces: number) {}

  /** As `identifyIn`, for several probes. */
  async identify(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    this.asked += probes.length
    const few = (await tables.faces.countRows()) <= this.exactFaces
    if (!few) this.memory = undefined
    if (few && this.asked > 1) return this.inMemory(tables, probes, options)
    const searched = await searchedIn(tables, options.filter?.groups ?? [])
    const threshold = thresholdOf(options, searched)
    const results: Identified[] = []
    // One after the other: each uses all cores.
    for (const probe of probes)
      results.push({ ...(await identifyIn(tables, probe, options, threshold)), searched })
    return results
  }

  async close(): Promise<void> {
    this.memory = undefined
    await (await this.product)?.release()
  }

  private async inMemory(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    const { top = 1, filter } = options
    this.memory ??= new Memory(tables)
    this.product ??= Product.open()
    const held = await this.memory.current()
    const groups = filter?.groups ?? []
    const allowed = groups.length > 0 ? held.people.in(groups) : undefined
    const searched = allowed
      ? { people: allowed.size, faces: held.faces.countOf(allowed) }
      : { people: held.people.size, faces: held.faces.size }
    const threshold = thresholdOf(options, searched)
    const least = threshold ?? -1
    const found = await searchFaces(await this.product, held.faces, probes, top, least, allowed)
    return found.map((people) => ({
      threshold,
      searched,
      matches: people.flatMap((one) => matchOf(held, one)),
    }))
  }
}

/** None where face or person have been deleted meanwhile. */
function matchOf({ faces, people }: Held, { person, slot, similarity }: Found): Match[] {
  const face = faces.at(slot)
  const row = people.get(person)
  if (!face || !row) return []
  const cosine = Math.max(-1, Math.min(1, similarity))
  return [{ ...personOf(row), similarity: cosine, face: face.id, source: face.source }]
}
