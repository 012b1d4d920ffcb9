import { type Held, HeldFaces, HeldPeople, type PersonRow } from '@arcface/vision'
import type { FaceRecord, StoredFace } from './records.js'

/** So many rows that are gone are worth a new memory. */
const WASTE = 1024

/** All of a gallery but its pictures, in memory, by the rows of the database. */
export class HeldGallery implements Held {
  /** Of the database when this was read; 0: never. */
  version = 0
  /** The row that comes next: rows are given once, and never change. */
  next = 1
  readonly people = new HeldPeople()
  readonly #dim: number
  #faces: HeldFaces
  readonly #stored = new Map<number, StoredFace>()
  readonly #rowOfName = new Map<string, number>()
  readonly #rowOfFace = new Map<string, number>()
  readonly #facesOf = new Map<string, Set<number>>()

  constructor(dim: number) {
    this.#dim = dim
    this.#faces = new HeldFaces(dim)
  }

  get faces(): HeldFaces {
    return this.#faces
  }

  person(name: string): { readonly row: number; readonly person: PersonRow } | undefined {
    const row = this.#rowOfName.get(name)
    return row === undefined ? undefined : { row, person: this.people.at(row)! }
  }

  /** Row of a face, by its id. */
  rowOf(id: string): number | undefined {
    return this.#rowOfFace.get(id)
  }

  /** The face of a row that is there. */
  at(row: number): StoredFace {
    return this.#stored.get(row)!
  }

  /** Rows of a person's faces, by the person's id. */
  rowsOf(person: string): ReadonlySet<number> {
    return this.#facesOf.get(person) ?? new Set()
  }

  stored(): IterableIterator<[row: number, face: StoredFace]> {
    return this.#stored.entries()
  }

  /** Passed over where it is there. */
  addPerson(row: number, person: PersonRow): void {
    if (this.people.has(row)) return
    this.people.add(row, person)
    this.#rowOfName.set(person.name, row)
  }

  removePerson(row: number): void {
    const person = this.people.at(row)
    if (person === undefined) return
    this.people.remove(row)
    if (this.#rowOfName.get(person.name) === row) this.#rowOfName.delete(person.name)
  }

  /** Passed over where it is there. */
  addFace(row: number, { face, embedding }: FaceRecord): void {
    if (this.#stored.has(row)) return
    this.#faces.add(row, face, embedding)
    this.#stored.set(row, face)
    this.#rowOfFace.set(face.id, row)
    const rows = this.#facesOf.get(face.person) ?? new Set()
    this.#facesOf.set(face.person, rows.add(row))
  }

  removeFace(row: number): void {
    const face = this.#stored.get(row)
    if (face === undefined) return
    this.#faces.remove(row)
    this.#stored.delete(row)
    if (this.#rowOfFace.get(face.id) === row) this.#rowOfFace.delete(face.id)
    const rows = this.#facesOf.get(face.person)!
    rows.delete(row)
    if (rows.size === 0) this.#facesOf.delete(face.person)
    if (this.#faces.waste < WASTE + this.#faces.size) return
    const fresh = new HeldFaces(this.#dim)
    fresh.take(this.#faces)
    // Searches that are under way go on in the old one.
    this.#faces = fresh
  }

  /** Adds all of another's. */
  take(other: HeldGallery): void {
    for (const [row, person] of other.people.entries()) this.addPerson(row, person)
    for (const [row, face] of other.stored())
      this.addFace(row, { face, embedding: other.faces.embedding(row) })
  }
}
