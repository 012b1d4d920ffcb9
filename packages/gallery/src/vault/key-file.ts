// The file of a gallery's keys on the disk: read, written where it lies, replaced whole, destroyed.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { OutputFile, syncFolder } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { open, seal } from './cipher.js'
import type { MasterKey } from './master.js'
import {
  bytesOfHead,
  damagedKeys,
  HEAD_BYTES,
  type Head,
  headOf,
  SLOT_BYTES,
  State,
  slotOf,
} from './slots.js'

const keysOf = (where: string) => join(where, 'keys')
/** That are about to take the place of those. */
const nextKeysOf = (where: string) => join(where, 'keys.new')
/** Whether a gallery's folder has keys. */
export const hasKeys = (where: string) => existsSync(keysOf(where))

/** What is known of the file of keys, as it was when it was read. */
export interface Known {
  readonly head: Head
  readonly galleryKey: Buffer
  readonly secret: Buffer
  readonly read: Read
}

/** All slots, and by people the numbers of those that are live (the newest last), or are being erased. */
export interface Read {
  /** Inode, size and time of change. */
  mark: string
  readonly slots: Buffer[]
  readonly live: Map<string, number[]>
  readonly erasing: Map<string, number[]>
  /** Who has more than one that is live. */
  readonly renewing: Set<string>
}

/** A new file, with a head alone. */
export async function makeKeys(where: string, head: Omit<Head, 'format'>): Promise<void> {
  using file = new OutputFile(keysOf(where), { isPrivate: true })
  file.write(bytesOfHead(head))
  await file.commitAsync()
}

/** Writes where the file lies; it is on the disk when this returns. @returns its mark then */
export const writeKeys = (where: string, work: (file: number) => void): string =>
  markOfStat(written(keysOf(where), 'r+', work))

/** Puts a file in the place of the old one when it is whole, and overwrites the old one's bytes. */
export function replaceKeys(where: string, bytes: Buffer): void {
  const path = keysOf(where)
  // Windows puts nothing in the place of a file that is open.
  const old = process.platform === 'win32' ? undefined : openSync(path, 'r+')
  try {
    // Under a name that the next writer knows: what a kill leaves must not outlive those who are erased then.
    const next = nextKeysOf(where)
    written(next, 'w', (file) => writeAll(file, bytes, 0))
    renameSync(next, path)
    syncFolder(where)
    if (old === undefined) return
    clear(old)
    fsyncSync(old)
  } finally {
    if (old !== undefined) closeSync(old)
    destroyNextKeys(where)
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
  if (existsSync(path)) written(path, 'r+', clear)
}

const clear = (file: number) => writeAll(file, Buffer.alloc(fstatSync(file).size), 0)

/** Does work on a file, which is on the disk when this returns. @returns what it is then */
function written(path: string, flags: 'r+' | 'w', work: (file: number) => void): Stats {
  const file = openSync(path, flags, 0o600)
  try {
    work(file)
    fsyncSync(file)
    return fstatSync(file)
  } finally {
    closeSync(file)
  }
}

/** The head of a gallery's keys, with its key wrapped. @throws GalleryError GALLERY_KEY */
export async function wrap(
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

/** @throws GalleryError GALLERY_KEY, GALLERY_DAMAGED, GALLERY_FORMAT */
export async function readKnown(where: string, called: string, master: MasterKey): Promise<Known> {
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
export function note({ slots, live, erasing, renewing }: Read, slot: number, bytes: Buffer): void {
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
export function markOf(where: string, called: string): string {
  const stat = statSync(keysOf(where), { throwIfNoEntry: false })
  if (stat) return markOfStat(stat)
  throw damagedKeys(called, 'is gone: without it nothing of the gallery can be read')
}

const markOfStat = ({ ino, size, mtimeMs }: Stats) => `${ino} ${size} ${mtimeMs}`

export function writeAll(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done)
}
