import { sharedFloats } from '../memory/shared.js'
import type { RowPart } from './product.js'

/** Rows of a chunk, the first of which grows up to so many: 32 MB of 512 numbers. */
const CHUNK = 16_384
const FIRST = 1024

/** Faces as they are held, without embedding. */
export interface HeldFace {
  readonly id: string
  /** The person's id. */
  readonly person: string
  readonly source: string | null
}

/** As many rows as are in use, dim numbers each. */
export interface Chunk extends RowPart {
  /** Slot of its first row. */
  readonly first: number
}

/** The last holder's number. */
let holders = 0

/**
 * Faces in memory, each in a slot. A slot is used once: a product that is under way in another
 * thread, which shares the memory, reads rows that nobody writes, except for zeros where a face is
 * gone.
 */
export class HeldFaces {
  private readonly holder = ++holders
  /** `version`: how often its rows were changed. */
  private readonly chunks: { rows: Float32Array; used: number; version: number }[] = []
  private readonly slots = new Map<number, number>()
  private readonly faces: (HeldFace | undefined)[] = []

  constructor(private readonly dim: number) {}

  /** Faces that are there. */
  get size(): number {
    return this.slots.size
  }

  /** Slots whose face is gone: memory that only a new `HeldFaces` gives back. */
  get waste(): number {
    return this.faces.length - this.slots.size
  }

  /** How many are of these people. */
  countOf(people: ReadonlySet<string>): number {
    return this.faces.reduce((sum, face) => sum + (face && people.has(face.person) ? 1 : 0), 0)
  }

  /** The face in a slot; undefined where it is gone. */
  at(slot: number): HeldFace | undefined {
    return this.faces[slot]
  }

  has(row: number): boolean {
    return this.slots.has(row)
  }

  /** Numbers of the table's rows that are held. */
  rows(): IterableIterator<number> {
    return this.slots.keys()
  }

  /** @param row its number in the table @param embedding copied */
  add(row: number, face: HeldFace, embedding: Float32Array): void {
    let chunk = this.chunks.at(-1)
    if (chunk === undefined || chunk.used === CHUNK) {
      // After a full one another is likely to fill; and what nobody has written takes no memory yet.
      const room = chunk === undefined ? FIRST : CHUNK
      chunk = { rows: sharedFloats(room * this.dim), used: 0, version: 0 }
      this.chunks.push(chunk)
    }
    if (chunk.rows.length === chunk.used * this.dim) {
      const larger = sharedFloats(Math.min(2 * chunk.used, CHUNK) * this.dim)
      larger.set(chunk.rows)
      chunk.rows = larger
    }
    chunk.rows.set(embedding, chunk.used++ * this.dim)
    chunk.version++
    this.slots.set(row, this.faces.length)
    this.faces.push(face)
  }

  remove(row: number): void {
    const slot = this.slots.get(row)!
    this.slots.delete(row)
    this.faces[slot] = undefined
    const at = (slot % CHUNK) * this.dim
    const chunk = this.chunks[Math.floor(slot / CHUNK)]!
    chunk.rows.fill(0, at, at + this.dim)
    chunk.version++
  }

  /** The embedding of a row that is there, as it is held: zeros when the row is gone. */
  embedding(row: number): Float32Array {
    const slot = this.slots.get(row)!
    const at = (slot % CHUNK) * this.dim
    return this.chunks[Math.floor(slot / CHUNK)]!.rows.subarray(at, at + this.dim)
  }

  /** Adds all of another's. */
  take(other: HeldFaces): void {
    for (const [row, slot] of other.slots) this.add(row, other.faces[slot]!, other.embedding(row))
  }

  /** What there is to compare with, as it is now. */
  parts(): Chunk[] {
    return this.chunks.map(({ rows, used, version }, part) => ({
      first: part * CHUNK,
      rows: rows.subarray(0, used * this.dim),
      of: { holder: this.holder, part, version },
    }))
  }
}
