import { Panels, Product, RecognizeError } from '@arcface/recognize'
import type { Identified, IdentifyOptions } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { identifyHeld, thresholdOf } from '../rules.js'
import type { Room } from '../store/room.js'
import type { Tables } from '../store/tables.js'
import { Call } from './call.js'
import { identifyIn, searchedIn } from './identify.js'
import { Memory } from './memory/memory.js'
import { Together } from './together.js'

/** What is sealed is searched in memory alone. */
const tooMany = (called: string, faces: number) =>
  new GalleryError(
    'GALLERY_MEMORY',
    `${called} is encrypted and has ${faces} faces, more than are searched in the memory of this machine`,
    { hint: 'Raise exactFaces if there is room: some 0.6 KB for each face of 512 numbers.' },
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
  private panels: Promise<Panels | undefined> | undefined
  private asked = 0
  private readonly calls = new Together((probes: readonly Probe[]) => this.each(probes))

  /** @param room what is held in memory; where there are more, the disk is searched */
  constructor(private readonly room: Room) {}

  /** As `identifyIn`, for several probes. */
  async identify(
    tables: Tables,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    this.asked += probes.length
    const total = await tables.faces.countRows()
    const few = await this.room.fits(total)
    if (tables.vault && !few) throw tooMany(tables.called, total)
    if (!few) await this.forget()
    if (few && (this.asked > 1 || tables.vault))
      return this.inMemory(tables, total, probes, options)
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
    await this.forget()
    await Promise.all([(await this.product)?.release(), (await this.panels)?.release()])
  }

  /** Gives the memory back, once nobody uses it. */
  private async forget(): Promise<void> {
    const { memory } = this
    this.memory = undefined
    await memory?.close()
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
    total: number,
    probes: readonly Float32Array[],
    options: IdentifyOptions,
  ): Promise<Identified[]> {
    this.product ??= Product.open()
    const product = await this.product
    const panels = () => {
      this.panels ??= Panels.open()
      return this.panels
    }
    for (let attempt = 1; ; attempt++) {
      this.memory ??= new Memory(tables, panels, this.room.keepsRows(total))
      const { memory } = this
      try {
        return await memory.use((held) => identifyHeld(product, held, probes, options))
      } catch (error) {
        const isLost = error instanceof RecognizeError && error.code === 'RECOGNIZE_RUN'
        if (attempt > 1 || !isLost) throw error
        // A thread that has died took with it what it held.
        if (this.memory === memory) await this.forget()
      }
    }
  }
}
