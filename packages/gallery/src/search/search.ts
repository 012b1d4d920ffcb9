import { Product } from '@arcface/recognize'
import type { Identified, IdentifyOptions } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { identifyHeld, thresholdOf } from '../rules.js'
import type { Tables } from '../store/tables.js'
import { Call } from './call.js'
import { identifyIn, searchedIn } from './identify.js'
import { Memory } from './memory/memory.js'
import { Together } from './together.js'

/** What is sealed is searched in memory alone. */
const tooMany = (called: string, faces: number, most: number) =>
  new GalleryError(
    'GALLERY_MEMORY',
    `${called} is encrypted and has ${faces} faces; up to ${most} are searched in the memory of this machine`,
    { hint: 'Raise exactFaces if there is room: 2 KB for each face of 512 numbers.' },
  )

interface Probe {
  readonly tables: Tables
  readonly embedding: Float32Array
  readonly call: Call
}

/**
 * Finds people in memory, comparing with every face, or on disk. Memory pays from the second search
 * on, so who asks once does not wait until it is filled.
 */
export class Search {
  private memory: Memory | undefined
  private product: Promise<Product> | undefined
  private asked = 0
  private readonly calls = new Together((probes: readonly Probe[]) => this.each(probes))

  /** @param exactFaces so many are held in memory; where there are more, the disk is searched */
  constructor(private readonly exactFaces: number) {}

  /** As `identifyIn`, for several probes. */
  async identify(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    this.asked += probes.length
    const total = await tables.faces.countRows()
    const few = total <= this.exactFaces
    if (tables.vault && !few) throw tooMany(tables.called, total, this.exactFaces)
    if (!few) this.memory = undefined
    if (few && (this.asked > 1 || tables.vault)) return this.inMemory(tables, probes, options)
    const searched = await searchedIn(tables, options.filter?.groups ?? [])
    const threshold = thresholdOf(options, searched)
    const results: Identified[] = []
    // One after the other: each uses all cores.
    for (const probe of probes)
      results.push({ ...(await identifyIn(tables, probe, options, threshold)), searched })
    return results
  }

  /** As `identify`, together with the other calls of this filter that come meanwhile. */
  async together(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    const call = new Call(options)
    const found = await this.calls.run(
      JSON.stringify(call.filter),
      probes.map((embedding) => ({ tables, embedding, call })),
    )
    return found.map((one) => call.restrict(one))
  }

  async close(): Promise<void> {
    this.memory = undefined
    await (await this.product)?.release()
  }

  private each(probes: readonly Probe[]): Promise<Identified[]> {
    const calls = [...new Set(probes.map(({ call }) => call))]
    const embeddings = probes.map(({ embedding }) => embedding)
    return this.identify(probes[0]!.tables, embeddings, {
      top: Math.max(...calls.map(({ top }) => top)),
      filter: calls[0]!.filter,
      threshold: (searched) => Math.min(...calls.map((call) => call.leastOf(searched))),
    })
  }

  private async inMemory(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    this.memory ??= new Memory(tables)
    this.product ??= Product.open()
    const held = await this.memory.current()
    return identifyHeld(await this.product, held, probes, options)
  }
}
