import { type ByteProduct, type Held, HeldFaces, MANY_FACES } from '@arcface/vision'
import { readPeople } from '../../people/reading.js'
import { follow, type Reading } from '../../store/follow.js'
import type { Table } from '../../store/lance.js'
import { embeddingOf, embeddingsIn, type StoredFace } from '../../store/rows.js'
import type { Tables } from '../../store/tables.js'

interface Versions {
  readonly faces: number
  readonly people: number
}

/**
 * A gallery's faces and people in memory, brought up to date whenever the tables have a newer
 * version, whoever wrote it.
 */
export class Memory {
  private held: Held | undefined
  private versions: Versions = { faces: 0, people: 0 }
  private refreshing: Promise<void> | undefined
  /** The table of faces at the version that is held: the rows in float of those held in bytes. */
  private stored: Table | undefined
  private users = 0
  private lastUser: (() => void) | undefined

  /**
   * @param panels what holds many faces in bytes; none: all are held in float
   * @param keepsRows whether those are held in float too, rather than read where they are needed
   */
  constructor(
    private readonly tables: Tables,
    private readonly panels: () => Promise<ByteProduct | undefined>,
    private readonly keepsRows: boolean,
  ) {}

  /** Works on all that was written before this call; it does not change meanwhile. */
  async use<T>(work: (held: Held) => Promise<T>): Promise<T> {
    const held = await this.current()
    this.users++
    try {
      return await work(held)
    } finally {
      if (--this.users === 0) this.lastUser?.()
    }
  }

  /** Lets go of everything, once nobody uses it. */
  async close(): Promise<void> {
    await this.refreshing?.catch(() => {})
    await this.quiet()
    this.held?.faces.release()
    this.held = undefined
    this.stored?.close()
  }

  private async current(): Promise<Held> {
    const wanted = await this.latest()
    for (;;) {
      const { held, versions } = this
      if (held && versions.faces >= wanted.faces && versions.people >= wanted.people) return held
      this.refreshing ??= this.refresh().finally(() => {
        this.refreshing = undefined
      })
      await this.refreshing
    }
  }

  private async latest(): Promise<Versions> {
    // In this order: whoever has a face then was among the people before it.
    const faces = await this.tables.faces.version()
    return { faces, people: await this.tables.people.version() }
  }

  private async refresh(): Promise<void> {
    const latest = await this.latest()
    const { held } = this
    // What fails half way is read anew.
    this.held = undefined
    try {
      this.held = await this.follow(held, latest)
      this.versions = latest
    } catch (error) {
      await this.quiet()
      held?.faces.release()
      throw error
    }
  }

  private async follow(held: Held | undefined, latest: Versions): Promise<Held> {
    const { versions, tables } = this
    const quiet = () => this.quiet()
    const people =
      held && latest.people === versions.people
        ? held.people
        : await tables.at('people', latest.people, (table) =>
            follow(table, held?.people, readPeople(), quiet),
          )
    const faces =
      held && latest.faces === versions.faces
        ? held.faces
        : await this.read(latest.faces, held?.faces, quiet)
    return { faces, people }
  }

  private async read(
    version: number,
    held: HeldFaces | undefined,
    quiet: () => Promise<void>,
  ): Promise<HeldFaces> {
    const table = await this.tables.open('faces', version)
    try {
      const reading = this.reading((await table.countRows()) >= MANY_FACES)
      const faces = await follow(table, held, reading, quiet)
      await quiet()
      // Chunks that have become full.
      await reading.settle?.(faces, true)
      this.stored?.close()
      this.stored = table
      faces.stored = (rows) => facesIn(table, rows)
      return faces
    } catch (error) {
      table.close()
      throw error
    }
  }

  /** Once nobody uses what is held; who comes meanwhile waits for what is newer. */
  private async quiet(): Promise<void> {
    while (this.users > 0)
      await new Promise<void>((resolve) => {
        this.lastUser = resolve
      })
  }

  /** @param isMany whether they are worth being held in bytes */
  private reading(isMany: boolean): Reading<HeldFaces> {
    const { dim } = this.tables.model
    const { panels, keepsRows } = this
    const persons = new Map<string, string>()
    let making: Promise<void> | undefined
    return {
      columns: ['id', 'person', 'source', 'embedding'],
      empty: () => new HeldFaces(dim),
      add(faces, batch, rows) {
        const [ids, owners, sources] = this.columns.map((name) => batch.getChild(name)!)
        const embeddings = embeddingsIn(batch)
        rows.forEach((row, i) => {
          const owner: string = owners!.get(i)
          const person = persons.get(owner) ?? owner // one string for all faces of a person
          persons.set(person, person)
          const face = { id: ids!.get(i), person, source: sources!.get(i) }
          faces.add(row, face, embeddings.subarray(i * dim, (i + 1) * dim))
        })
      },
      async settle(faces, isLast) {
        if (!isMany) return
        const before = making
        const bytes = await panels()
        if (bytes === undefined) return
        // While the next rows are read; what fails is told where it is waited for.
        await before
        making = faces.compress(bytes, keepsRows, isLast)
        making.catch(() => {})
        if (isLast) await making
      },
    }
  }
}

/** Those of a table that are there, by the numbers of their rows. */
async function facesIn(table: Table, rows: readonly number[]) {
  const found = new Map<number, { id: string; source: string | null; embedding: Float32Array }>()
  const columns = ['id', 'source', 'embedding']
  for await (const batch of table.takeRowIds(rows).select(columns).withRowId())
    for (const face of batch as Iterable<StoredFace<'id' | 'source'> & { _rowid: bigint }>)
      found.set(Number(face._rowid), {
        id: face.id,
        source: face.source,
        embedding: embeddingOf(face),
      })
  return found
}
