import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isAlive, ownMark, type ProcessMark } from './process.js'

/** Who holds a lock, or tries to: all of it stands in the name of a file, which is there whole or not at all. */
export interface Owner extends ProcessMark {
  readonly host: string
  /** The file that it has locked in the kernel; UNLOCKED where there is no such lock. */
  readonly inode: string
  /** Of this holding alone. */
  readonly key: string
}

/** The inode of who has no lock of the kernel. */
export const UNLOCKED = '0'

const fields = ['host', 'machine', 'space', 'pid', 'start', 'inode', 'key'] as const
const FORM = /^[^_]+_[0-9a-f]{8}_\w+_\d+_\d+_\d+_[0-9a-f]{16}$/

export const nameOf = (owner: Owner): string => fields.map((field) => owner[field]).join('_')

export function ownerNamed(name: string): Owner | undefined {
  if (!FORM.test(name)) return undefined
  const [host, machine, space, pid, start, inode, key] = name.split('_') as [string, ...string[]]
  return { host, machine, space, pid: Number(pid), start, inode, key } as Owner
}

/** This thread, as the owner of a lock that it takes now. */
export function newOwner(inode: string): Owner {
  return { host, ...ownMark, inode, key: randomBytes(8).toString('hex') }
}

/** As a message says it. */
export function textOf({ pid, host }: Owner): string {
  return `process ${pid} on ${host}`
}

export const isSameMachine = ({ machine }: Owner): boolean => machine === ownMark.machine

/** Another process of whose pid this one can tell whether it runs; threads of one process cannot be told apart by it. */
export const isNeighbour = (owner: Owner): boolean =>
  isSameMachine(owner) &&
  owner.space === ownMark.space &&
  !(owner.pid === ownMark.pid && owner.start === ownMark.start)

/** A neighbour that does not run any more. */
export const isGone = (owner: Owner): boolean => isNeighbour(owner) && !isAlive(owner)

const host =
  hostname()
    .replace(/[^\w.-]|_/g, '-')
    .slice(0, 64) || 'unknown'
