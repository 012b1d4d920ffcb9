import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { OutputFile, syncFolder } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { derive, newKey, open, seal, tokenOf } from './cipher.js'
import type { MasterKey } from './master.js'
import {
  bytesOfErasing,
  bytesOfHead,
  bytesOfSlot,
  damagedKeys,
  HEAD_BYTES,
  type Head,
  headOf,
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

const keysOf = (where: string) => join(where, 'keys')
/** That are about to take the place of those. */
const nextKeysOf = (where: string) => join(where, 'keys.new')
/** Whether a gallery's folder has keys. */
export const hasKeys = (where: string) => existsSync(keysOf(where))

/** A person's key, and the slot that it lies in. */
export interface DataKey {
  readonly slot: number
  readonly key: Buffer
}

/** A key that is destroyed, and whose rows are gone with it from the newest version on: reading begins again. */
export class KeyGone extends Error {}

/** What is known of the file of keys, as it was when it was read. */
interface Known {
  readonly head: Head
  readonly galleryKey: Buffer
  readonly secret: Buffer
  readonly read: Read
}

/** All slots, and by people the numbers of those that are live (the newest last), or are being erased. */
interface Read {
  /** Inode, size and time of change. */
  mark: string
  readonly slots: Buffer[]
  readonly live: Map<string, number[]>
  readonly erasing: Map<string, number[]>
  /** Who has more than one that is live. */
  readonly renewing: Set<string>
}

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
    const head = await wrap(gallery, newKey(), newKey(), master, called)
    using file = new OutputFile(keysOf(where), { isPrivate: true })
    file.write(bytesOfHead(head))
    await file.commitAsync()
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

  /** Keys that people ever had. */
  get slots(): number {
    return this.#read.slots.length
  }

  /** Refuses a file that was cut or is of before, also while it is open: new keys would lie where those of rows belong. */
  requireSlots(count: number): void {
    this.#required = Math.max(this.#required ?? 0, count)
    if (this.slots < this.#required)
      throw damagedKeys(this.called, 'lacks keys of its rows: it was cut')
    this.#required = this.slots
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
    this.#required = this.slots
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
    const path = keysOf(this.where)
    // Windows puts nothing in the place of a file that is open.
    const old = process.platform === 'win32' ? undefined : openSync(path, 'r+')
    try {
      const first = bytesOfHead(await wrap(head.gallery, key, secret, to, this.called))
      const slots = this.#read.slots.map((bytes, slot) => {
        const { state, person, wrapped } = slotOf(bytes)
        if (state !== State.live) return bytes
        const about = this.#aboutSlot(slot, person)
        const one = open(galleryKey, about, wrapped)
        if (one === undefined) throw damagedKeys(this.called, 'is damaged')
        return bytesOfSlot(person, seal(key, about, one))
      })
      // Under a name that the next writer knows: what a kill leaves must not outlive those who are erased then.
      const next = nextKeysOf(this.where)
      const file = openSync(next, 'w', 0o600)
      try {
        writeAll(file, Buffer.concat([first, ...slots]), 0)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(next, path)
      syncFolder(this.where)
      if (old === undefined) return
      writeAll(old, Buffer.alloc(fstatSync(old).size), 0)
      fsyncSync(old)
    } finally {
      if (old !== undefined) closeSync(old)
      destroyNextKeys(this.where)
    }
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

  /** Writes where the file lies; it is on the disk when this returns. */
  #write(work: (file: number) => void): void {
    const file = openSync(keysOf(this.where), 'r+')
    try {
      work(file)
      fsyncSync(file)
      this.#read.mark = markOfStat(fstatSync(file))
    } finally {
      closeSync(file)
    }
  }
}

/** Overwrites the keys of a whole gallery, if it has any: nothing of it can be opened then. */
export function destroyKeys(where: string): void {
  overwrite(keysOf(where))
  destroyNextKeys(where)
}

/** Of a change of the keys that was cut short; to be called under the lock. */
export function destroyNextKeys(where: string): void {
  const path = nextKeysOf(where)
  overwrite(path)
  rmSync(path, { force: true })
}

function overwrite(path: string): void {
  if (!existsSync(path)) return
  const file = openSync(path, 'r+')
  try {
    writeAll(file, Buffer.alloc(fstatSync(file).size), 0)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

async function wrap(
  gallery: string,
  key: Buffer,
  secret: Buffer,
  master: MasterKey,
  called: string,
): Promise<Omit<Head, 'format'>> {
  const wrapped = await master.wrap(key).catch((cause) => {
    throw noKey(called, 'the master key cannot wrap', cause)
  })
  return {
    gallery,
    master: master.id,
    key: Buffer.from(wrapped).toString('base64'),
    secret: seal(key, `${gallery} secret`, secret).toString('base64'),
  }
}

async function readKnown(where: string, called: string, master: MasterKey): Promise<Known> {
  markOf(where, called)
  const file = openSync(keysOf(where), 'r')
  let bytes: Buffer
  let mark: string
  try {
    mark = markOfStat(fstatSync(file))
    bytes = readFileSync(file)
    // Another file has taken its place meanwhile, and its bytes may be overwritten.
    if (fstatSync(file).nlink === 0) return await readKnown(where, called, master)
  } finally {
    closeSync(file)
  }
  const head = headOf(bytes, called)
  const key = await master.unwrap(Buffer.from(head.key, 'base64')).catch((cause) => {
    throw noKey(
      called,
      `its key is wrapped by the master key ${head.master}; given is ${master.id}`,
      cause,
    )
  })
  const galleryKey = Buffer.from(key)
  const secret =
    galleryKey.length === 32
      ? open(galleryKey, `${head.gallery} secret`, Buffer.from(head.secret, 'base64'))
      : undefined
  if (secret === undefined) throw damagedKeys(called, 'is damaged: its head does not open')
  return { head, galleryKey, secret, read: slotsOf(bytes, mark) }
}

const noKey = (called: string, why: string, cause: unknown) =>
  cause instanceof GalleryError
    ? cause
    : new GalleryError('GALLERY_KEY', `${called}: ${why}`, { cause })

function slotsOf(bytes: Buffer, mark: string): Read {
  const read: Read = { mark, slots: [], live: new Map(), erasing: new Map(), renewing: new Set() }
  for (let at = HEAD_BYTES, slot = 0; at + SLOT_BYTES <= bytes.length; at += SLOT_BYTES, slot++)
    note(read, slot, bytes.subarray(at, at + SLOT_BYTES))
  return read
}

/** Puts down what a slot holds now. */
function note({ slots, live, erasing, renewing }: Read, slot: number, bytes: Buffer): void {
  const before = slots[slot]
  slots[slot] = bytes
  for (const [one, isTaken] of [
    [before, true],
    [bytes, false],
  ] as const) {
    if (one === undefined) continue
    const { state, person } = slotOf(one)
    const of = state === State.live ? live : state === State.erasing ? erasing : undefined
    const numbers = of?.get(person) ?? []
    const now = isTaken ? numbers.filter((number) => number !== slot) : [...numbers, slot]
    if (now.length > 0) of?.set(person, now)
    else of?.delete(person)
    if ((live.get(person)?.length ?? 0) > 1) renewing.add(person)
    else renewing.delete(person)
  }
}

/** @throws GalleryError GALLERY_DAMAGED: there is no such file */
function markOf(where: string, called: string): string {
  const stat = statSync(keysOf(where), { throwIfNoEntry: false })
  if (stat) return markOfStat(stat)
  throw damagedKeys(called, 'is gone: without it nothing of the gallery can be read')
}

const markOfStat = ({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }) =>
  `${ino} ${size} ${mtimeMs}`

function writeAll(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done)
}
