import { sharedFloats } from '../memory/shared.js'
import type { BytePanel, ByteProduct, PanelMaker, RowPart } from './product.js'
import { Slots } from './slots.js'

/** Rows of a chunk, the first of which grows up to so many: 8 MB of 512 numbers. */
const CHUNK = 4096
const FIRST = 1024
/** Chunks of a panel: 32 MB of 512 bytes. Of less, malloc keeps much of what making them has taken. */
const PANEL = 16
/** Faces that are worth being held in bytes. */
export const MANY_FACES = PANEL * CHUNK

/** Faces as they are held, without embedding. */
export interface HeldFace {
  readonly id: string
  /** The person's id. */
  readonly person: string
  readonly source: string | null
}

/** A face with its embedding, as it is stored. */
export interface StoredHeldFace extends Pick<HeldFace, 'id' | 'source'> {
  readonly embedding: Float32Array
}

/** As many rows as are in use, dim numbers each. */
export interface FloatPart extends RowPart {
  /** Slot of its first row. */
  readonly first: number
}

interface Chunk {
  /** Undefined where they are held in bytes alone; then nothing is known of the faces but the persons. */
  rows: Float32Array | undefined
  readonly about: (Pick<HeldFace, 'id' | 'source'> | undefined)[]
  /** Undefined where the face is gone. */
  readonly persons: (string | undefined)[]
  /** Numbers of the table's rows. */
  readonly numbers: number[]
  /** How often its rows were changed. */
  version: number
  isInBytes: boolean
}

/** Chunks in bytes. */
export class HeldPanel {
  constructor(
    readonly panel: BytePanel,
    /** Which chunks. */
    readonly chunks: readonly number[],
  ) {}

  slotOf(row: number): number {
    return this.chunks[Math.floor(row / CHUNK)]! * CHUNK + (row % CHUNK)
  }
}

/** The last holder's number. */
let holders = 0

/**
 * Faces in memory, each in a slot. A slot is used once: a product that is under way in another
 * thread, which shares the memory, reads rows that nobody writes, except for zeros where a face is
 * gone. `compress` holds in bytes what is many.
 */
export class HeldFaces {
  /** What multiplies those in bytes; undefined where none are. */
  bytes: ByteProduct | undefined
  /** Reads faces that are held in bytes alone, by the numbers of their rows: those that are there. */
  stored: ((rows: readonly number[]) => Promise<ReadonlyMap<number, StoredHeldFace>>) | undefined
  private readonly holder = ++holders
  private readonly chunks: Chunk[] = []
  private readonly inBytes: HeldPanel[] = []
  private making: { readonly maker: PanelMaker; readonly chunks: number[] } | undefined
  private readonly slots = new Slots()
  /** Rows of chunks that are held in bytes now, for the next ones: a good deal of memory, which collects slowly. */
  private spare: Float32Array[] = []
  private used = 0

  constructor(private readonly dim: number) {}

  /** Faces that are there. */
  get size(): number {
    return this.slots.size
  }

  /** Slots whose face is gone: memory that only a new `HeldFaces` gives back. */
  get waste(): number {
    return this.used - this.slots.size
  }

  /** How many are of these people. */
  countOf(people: ReadonlySet<string>): number {
    let count = 0
    for (const { persons } of this.chunks)
      for (const person of persons) if (person !== undefined && people.has(person)) count++
    return count
  }

  /** Whose face is in a slot; undefined where it is gone, or is nobody's of these people. */
  personAt(slot: number, allowed?: ReadonlySet<string>): string | undefined {
    const person = this.chunks[Math.floor(slot / CHUNK)]?.persons[slot % CHUNK]
    return person === undefined || allowed === undefined || allowed.has(person) ? person : undefined
  }

  /** The face in a slot; undefined where it is gone, or has to be read. */
  at(slot: number): HeldFace | undefined {
    const chunk = this.chunks[Math.floor(slot / CHUNK)]
    const [person, about] = [chunk?.persons[slot % CHUNK], chunk?.about[slot % CHUNK]]
    return person === undefined || about === undefined ? undefined : { ...about, person }
  }

  /** Number of the row in a slot. */
  rowAt(slot: number): number {
    return this.chunks[Math.floor(slot / CHUNK)]!.numbers[slot % CHUNK]!
  }

  /** The embedding in a slot: zeros where it is gone, undefined where it has to be read. */
  embeddingAt(slot: number): Float32Array | undefined {
    const at = (slot % CHUNK) * this.dim
    return this.chunks[Math.floor(slot / CHUNK)]!.rows?.subarray(at, at + this.dim)
  }

  has(row: number): boolean {
    return this.slots.get(row) !== undefined
  }

  /** Numbers of the table's rows that are held. */
  rows(): IterableIterator<number> {
    return this.slots.rows()
  }

  /** @param row its number in the table @param embedding copied */
  add(row: number, { person, id, source }: HeldFace, embedding: Float32Array): void {
    let at = this.chunks.length - 1
    // What `take` has brought in bytes may lie behind one that has room.
    while (at >= 0 && this.chunks[at]!.isInBytes) at--
    if (at < 0 || this.chunks[at]!.numbers.length === CHUNK) at = this.chunks.push(this.empty()) - 1
    const chunk = this.chunks[at]!
    const offset = chunk.numbers.length
    if (chunk.rows!.length === offset * this.dim) {
      const larger = sharedFloats(Math.min(2 * offset, CHUNK) * this.dim)
      larger.set(chunk.rows!)
      chunk.rows = larger
    }
    chunk.rows!.set(embedding, offset * this.dim)
    chunk.version++
    chunk.persons.push(person)
    chunk.about.push({ id, source })
    chunk.numbers.push(row)
    this.slots.set(row, at * CHUNK + offset)
    this.used++
  }

  remove(row: number): void {
    const slot = this.slots.get(row)!
    this.slots.delete(row)
    const chunk = this.chunks[Math.floor(slot / CHUNK)]!
    chunk.persons[slot % CHUNK] = undefined
    chunk.about[slot % CHUNK] = undefined
    this.embeddingAt(slot)?.fill(0)
    chunk.version++
  }

  /** The embedding of a row that is there, as it is held: zeros when the row is gone. */
  embedding(row: number): Float32Array {
    return this.embeddingAt(this.slots.get(row)!)!
  }

  /** Adds all of another's, which is not to be used any more. */
  take(other: HeldFaces): void {
    for (const { panel, chunks } of other.inBytes) {
      const mine = chunks.map((at) => this.chunks.push(other.chunks[at]!) - 1)
      this.inBytes.push(new HeldPanel(panel, mine))
      for (const at of mine) this.adopt(at)
    }
    for (const { isInBytes, persons, numbers, about, rows } of other.chunks)
      if (!isInBytes)
        for (const [i, row] of numbers.entries()) {
          const embedding = rows!.subarray(i * this.dim, (i + 1) * this.dim)
          const person = persons[i]
          if (person !== undefined) this.add(row, { ...about[i]!, person }, embedding)
        }
    this.bytes ??= other.bytes
  }

  /** Of what is in float, as it is now. */
  parts(): FloatPart[] {
    return this.chunks.flatMap(({ rows, numbers, version, isInBytes }, part) =>
      isInBytes
        ? []
        : {
            first: part * CHUNK,
            rows: rows!.subarray(0, numbers.length * this.dim),
            of: { holder: this.holder, part, version },
          },
    )
  }

  panels(): readonly HeldPanel[] {
    return this.inBytes
  }

  /**
   * Holds full chunks in bytes, as they come from calls of `add` between those of this; not beside a search.
   * @param keep whether the rows stay in float too; else a search reads the few that it needs by `stored`
   * @param isLast that there are no more for now: what was begun is ended, and can be searched
   */
  async compress(bytes: ByteProduct, keep: boolean, isLast: boolean): Promise<void> {
    this.bytes = bytes
    for (const [at, chunk] of this.chunks.entries()) {
      if (chunk.isInBytes || chunk.numbers.length < CHUNK) continue
      this.making ??= { maker: bytes.begin(this.dim), chunks: [] }
      const { maker, chunks } = this.making
      chunk.isInBytes = true
      chunks.push(at)
      await maker.add(chunk.rows!)
      if (!keep) {
        this.spare.push(chunk.rows!)
        chunk.rows = undefined
        chunk.about.length = 0
      }
      if (chunks.length === PANEL) await this.end()
    }
    if (isLast && this.making) await this.end()
    if (isLast) this.spare = []
  }

  /** Gives back what is held in bytes. */
  release(): void {
    for (const { panel } of this.inBytes.splice(0)) panel.release()
  }

  private async end(): Promise<void> {
    const { maker, chunks } = this.making!
    this.making = undefined
    this.inBytes.push(new HeldPanel(await maker.end(), chunks))
  }

  /** Notes where the rows of a chunk are that another has had. */
  private adopt(at: number): void {
    const { numbers, persons } = this.chunks[at]!
    for (const [i, row] of numbers.entries())
      if (persons[i] !== undefined) this.slots.set(row, at * CHUNK + i)
    this.used += numbers.length
  }

  private empty(): Chunk {
    // After a full one another is likely to fill; and what nobody has written takes no memory yet.
    const room = this.chunks.length === 0 ? FIRST : CHUNK
    const rows = this.spare.pop() ?? sharedFloats(room * this.dim)
    return { rows, about: [], persons: [], numbers: [], version: 0, isInBytes: false }
  }
}
