import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who holds a lock, or tries to: all of it stands in the name of a file, which is there whole or not at all. */
export interface Owner {
  readonly host: string
  /** A run of the kernel: the same in all containers of a machine, another one after it was started anew. */
  readonly machine: string
  /** Where `pid` means something: a namespace. */
  readonly space: string
  readonly pid: number
  /** When the process began, by which it differs from an earlier one of the same pid. */
  readonly start: string
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
  return { ...self, inode, key: randomBytes(8).toString('hex') }
}

/** As a message says it. */
export function textOf({ pid, host }: Owner): string {
  return `process ${pid} on ${host}`
}

export const isSameMachine = ({ machine }: Owner): boolean => machine === self.machine

/** Another process of whose pid this one can tell whether it runs; threads of one process cannot be told apart by it. */
export const isNeighbour = (owner: Owner): boolean =>
  isSameMachine(owner) &&
  owner.space === self.space &&
  !(owner.pid === self.pid && owner.start === self.start)

/** A neighbour that does not run any more. */
export function isGone(owner: Owner): boolean {
  if (!isNeighbour(owner)) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  return (startOf(owner.pid) ?? owner.start) !== owner.start
}

const self = describeSelf()

function describeSelf(): Omit<Owner, 'inode' | 'key'> {
  const { pid } = process
  const host =
    hostname()
      .replace(/[^\w.-]|_/g, '-')
      .slice(0, 64) || 'unknown'
  if (process.platform !== 'linux') {
    const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
    return { host, machine, space: '0', pid, start: '0' }
  }
  const unknown = () => randomBytes(4).toString('hex')
  const boot = reading(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8))
  // A /proc of another namespace tells nothing of the pids in ours.
  const space = reading(() =>
    readlinkSync('/proc/self') === String(pid)
      ? /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
      : undefined,
  )
  return {
    host,
    machine: boot ?? unknown(),
    space: space ?? unknown(),
    pid,
    start: startOf(pid) ?? '0',
  }
}

/** In ticks since the machine started (field 22 of its line, counted from behind the name in parentheses). */
function startOf(pid: number): string | undefined {
  return reading(() => {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19]
  })
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
