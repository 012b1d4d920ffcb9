import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, told from a later one that has its pid. */
export interface ProcessMark {
  /** A run of the kernel: the same in all containers of a machine, another one after it was started anew. */
  readonly machine: string
  /** Where `pid` means something: a namespace. */
  readonly space: string
  readonly pid: number
  /** When the process began, by which it differs from an earlier one of the same pid. */
  readonly start: string
}

/** This process. */
export const ownMark: ProcessMark = describeSelf()

/** A process that runs beside this one. */
export const markOf = (pid: number): ProcessMark => ({
  ...ownMark,
  pid,
  start: statOf(pid)?.start ?? '0',
})

/** Whether it is known to run, seen from this process: one of another machine or container is not. */
export const isRunning = (mark: ProcessMark): boolean =>
  mark.machine === ownMark.machine && mark.space === ownMark.space && isAlive(mark)

/** Of one whose pid means something here. */
export function isAlive({ pid, start }: ProcessMark): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const stat = statOf(pid)
  // One that has ended and whose parent has not asked after it does nothing more.
  return stat === undefined || (stat.start === start && stat.state !== 'Z')
}

function describeSelf(): ProcessMark {
  const { pid } = process
  if (process.platform !== 'linux') {
    const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
    return { machine, space: '0', pid, start: '0' }
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
    machine: boot ?? unknown(),
    space: space ?? unknown(),
    pid,
    start: statOf(pid)?.start ?? '0',
  }
}

/** Start in ticks since the machine started (field 22 of its line, counted from behind the name in parentheses), and state. */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  return reading(() => {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0]!, start: fields[19]! }
  })
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
