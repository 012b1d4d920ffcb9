import { randomUUID } from 'node:crypto'
import { ftruncateSync } from 'node:fs'
import { GalleryError } from '../errors.js'
import { derive, newKey, open, seal, tokenOf } from './cipher.js'
import {
  type Known,
  makeKeys,
  markOf,
  note,
  type Read,
  readKnown,
  replaceKeys,
  wrap,
  writeAll,
  writeKeys,
} from './key-file.js'
import type { MasterKey } from './master.js'
import {
  bytesOfErasing,
  bytesOfHead,
  bytesOfSlot,
  damagedKeys,
  HEAD_BYTES,
  SLOT_BYTES,
  State,
  slotOf,
} from './slots.js'

/** The column that the sealed columns of a row lie in. */
export const SEALED = 'sealed'
/** Before what is sealed: the slot of its key. */
export const SLOT = 4
/** @returns -1 where there is none */
export const slotIn = ({ buffer, byteOffset, length }: Uint8Array): number =>
  length > SLOT ? new DataView(buffer, byteOffset, length).getUint32(0, true) : -1

/** A person's key, and the slot that it lies in. */
export interface DataKey {
  readonly slot: number
  readonly key: Buffer
}

/** A key that is destroyed, and whose rows are gone with it from the newest version on: reading begins again. */
export class KeyGone extends Error {}

/**
 * The keys of an encrypted gallery: one for each person, in a file beside the tables, wrapped by the gallery's key, which the
 * master key wraps. A person is erased by overwriting the slot, whatever the tables still hold. Those that write are called
 * under the lock of the gallery only, after `refresh`.
 */
export class Vault {
  #known: Known
  #required: number | undefined
  /** Keys that were opened, by their slots. */
  readonly #keys = new Map<number, Buffer>()

  private constructor(
    private readonly where: string,
    private readonly called: string,
    private readonly master: MasterKey,
    known: Known,
  ) {
    this.#known = known
  }

  /** Writes a new file of keys. @returns what the gallery's tables name it by */
  static async make(where: string, master: MasterKey, called: string): Promise<string> {
    const gallery = randomUUID()
    await makeKeys(where, await wrap(gallery, newKey(), newKey(), master, called))
    return gallery
  }

  /** @throws GalleryError GALLERY_KEY (another key, or keys of another gallery), GALLERY_DAMAGED, GALLERY_FORMAT */
  static async open(
    where: string,
    called: string,
    gallery: string,
    master: MasterKey,
  ): Promise<Vault> {
    const known = await readKnown(where, called, master)
    if (known.head.gallery !== gallery)
      throw new GalleryError('GALLERY_KEY', `${called}: its file 'keys' is another gallery's`, {
        hint: 'Take the gallery with its keys from one backup.',
      })
    return new Vault(where, called, master, known)
  }

  /** Of the gallery, in what is sealed. */
  get gallery(): string {
    return this.#known.head.gallery
  }

  /** Reads the file again where it has changed. @throws as `open` */
  async refresh(): Promise<void> {
    if (markOf(this.where, this.called) === this.#read.mark) return
    this.#known = await readKnown(this.where, this.called, this.master)
  }

  /** What a value of a column is found by. */
  token(column: string, value: string): string {
    return tokenOf(this.#known.secret, column, value)
  }

  /** 32 bytes of this gallery for another use; they stay when the keys are changed. */
  derive(use: string): Buffer {
    return derive(this.#known.secret, use)
  }

  /** Refuses a file that was cut or is of before, also while it is open: new keys would lie where those of rows belong. */
  requireSlots(count: number): void {
    const { length } = this.#read.slots
    if (length < count) throw damagedKeys(this.called, 'lacks keys of its rows: it was cut')
    this.#required = length
  }

  /** So many slots there were at least; undefined until somebody has looked. */
  get required(): number | undefined {
    return this.#required
  }

  isKnown(slot: number): boolean {
    return this.#keys.has(slot) || slot < this.#read.slots.length
  }

  /**
   * Of a row. @returns undefined where the person is being erased
   * @throws KeyGone; GalleryError GALLERY_DAMAGED: there is no such slot, or it is not this person's
   */
  keyIn(slot: number, person: string): Buffer | undefined {
    const known = this.#keys.get(slot)
    if (known) return known
    const bytes = this.#read.slots[slot]
    if (bytes === undefined) throw damagedKeys(this.called, 'lacks keys of its rows: it was cut')
    const one = slotOf(bytes)
    if (one.state === State.erasing) return undefined
    if (one.state === State.destroyed) throw new KeyGone(`${this.called}: a row's key is destroyed`)
    const key = open(this.#known.galleryKey, this.#aboutSlot(slot, person), one.wrapped)
    if (key === undefined)
      throw damagedKeys(this.called, 'is damaged, or rows were given to others from outside')
    this.#keys.set(slot, key)
    return key
  }

  /** What rows of a person are sealed with. @throws GalleryError GALLERY_DAMAGED: there is none */
  keyOf(person: string): DataKey {
    const slot = this.#read.live.get(person)?.at(-1)
    const key = slot === undefined ? undefined : this.keyIn(slot, person)
    if (key === undefined) throw damagedKeys(this.called, 'lacks the key of somebody')
    return { slot: slot!, key }
  }

  has(person: string): boolean {
    return this.#read.live.has(person)
  }

  /** Everybody who has a key. */
  persons(): string[] {
    return [...this.#read.live.keys()]
  }

  /** Makes a key for each of these people, also for who has one: that is used from now on. It is on the disk then. */
  addKeys(persons: readonly string[]): void {
    if (persons.length === 0) return
    const first = this.#read.slots.length
    const keys = persons.map(newKey)
    const slots = persons.map((person, i) =>
      bytesOfSlot(
        person,
        seal(this.#known.galleryKey, this.#aboutSlot(first + i, person), keys[i]!),
      ),
    )
    this.#write((file) => {
      // What a killed process left of a slot.
      ftruncateSync(file, HEAD_BYTES + first * SLOT_BYTES)
      writeAll(file, Buffer.concat(slots), HEAD_BYTES + first * SLOT_BYTES)
    })
    for (const [i, key] of keys.entries()) {
      note(this.#read, first + i, slots[i]!)
      this.#keys.set(first + i, key)
    }
    this.#required = this.#read.slots.length
  }

  /** Destroys all keys of these people at once; their rows may go later: see `erasing`. */
  erase(persons: readonly string[]): void {
    const slots = persons.flatMap((person) =>
      (this.#read.live.get(person) ?? []).map((slot) => [slot, bytesOfErasing(person)] as const),
    )
    this.#overwrite(slots)
  }

  /** People whose keys are destroyed, and whose rows may be there yet. */
  erasing(): string[] {
    return [...this.#read.erasing.keys()]
  }

  /** The rows of these people are gone. */
  erased(persons: readonly string[]): void {
    const slots = persons.flatMap((person) => this.#read.erasing.get(person) ?? [])
    this.#overwrite(slots.map((slot) => [slot, Buffer.alloc(SLOT_BYTES)]))
  }

  /** People who have more than one key: rows of theirs were, or are to be, sealed anew with the newest. */
  renewing(): string[] {
    return [...this.#read.renewing]
  }

  /** Destroys all keys of these people but the newest, by which all of their rows are sealed now. */
  renewed(persons: readonly string[]): void {
    const slots = persons.flatMap((person) => this.#read.live.get(person)?.slice(0, -1) ?? [])
    this.#overwrite(slots.map((slot) => [slot, Buffer.alloc(SLOT_BYTES)]))
  }

  /**
   * Makes a new key of the gallery, wrapped by a master key, and wraps everybody's anew, in a file that takes the place of the
   * old one when it is whole; the old one's bytes are overwritten.
   */
  async rewrap(to: MasterKey): Promise<void> {
    const { head, galleryKey, secret } = this.#known
    const key = newKey()
    const first = bytesOfHead(await wrap(head.gallery, key, secret, to, this.called))
    const slots = this.#read.slots.map((bytes, slot) => {
      const { state, person, wrapped } = slotOf(bytes)
      if (state !== State.live) return bytes
      const about = this.#aboutSlot(slot, person)
      const one = open(galleryKey, about, wrapped)
      if (one === undefined) throw damagedKeys(this.called, 'is damaged')
      return bytesOfSlot(person, seal(key, about, one))
    })
    replaceKeys(this.where, Buffer.concat([first, ...slots]))
  }

  get #read(): Read {
    return this.#known.read
  }

  #aboutSlot(slot: number, person: string): string {
    return `${this.gallery} key ${slot} ${person}`
  }

  #overwrite(slots: readonly (readonly [slot: number, bytes: Buffer])[]): void {
    if (slots.length === 0) return
    this.#write((file) => {
      for (const [slot, bytes] of slots) writeAll(file, bytes, HEAD_BYTES + slot * SLOT_BYTES)
    })
    for (const [slot, bytes] of slots) {
      note(this.#read, slot, bytes)
      this.#keys.get(slot)?.fill(0)
      this.#keys.delete(slot)
    }
  }

  #write(work: (file: number) => void): void {
    this.#read.mark = writeKeys(this.where, work)
  }
}
