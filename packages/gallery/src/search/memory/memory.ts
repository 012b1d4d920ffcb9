import { type Held, HeldFaces } from '@arcface/vision'
import { readPeople } from '../../people/reading.js'
import { follow, type Reading } from '../../store/follow.js'
import { embeddingsIn } from '../../store/rows.js'
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

  constructor(private readonly tables: Tables) {}

  /** All that was written before this call. */
  async current(): Promise<Held> {
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
    const { held, versions, tables } = this
    const people =
      held && latest.people === versions.people
        ? held.people
        : await tables.at('people', latest.people, (table) =>
            follow(table, held?.people, readPeople()),
          )
    const faces =
      held && latest.faces === versions.faces
        ? held.faces
        : await tables.at('faces', latest.faces, (table) =>
            follow(table, held?.faces, readFaces(tables.model.dim)),
          )
    this.held = { faces, people }
    this.versions = latest
  }
}

function readFaces(dim: number): Reading<HeldFaces> {
  const persons = new Map<string, string>()
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
  }
}
