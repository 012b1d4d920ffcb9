import { statSync } from 'node:fs'
import { openRegularAsync } from '@arcface/files'
import { z } from 'zod'

/** Read at once; and of a log that was not followed from its beginning, its end. */
const CHUNK = 1 << 20
/** Of a line that is looked into. */
const LONGEST = 1 << 16

export const progressSchema = z.object({
  what: z.string(),
  done: z.number(),
  total: z.number().nullable(),
})
export type TaskProgress = z.output<typeof progressSchema>

export const taskProblem = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
})
export type TaskProblem = z.output<typeof taskProblem>

/** What a command says of itself on its standard error, a line of JSON each, with `ARCFACE_PROGRESS=json`. */
const toldSchema = z.union([
  z.object({ progress: progressSchema }),
  z.object({ problem: taskProblem }),
  z.object({ exit: z.int() }),
])

const PROBABLY = /^\{"(progress|problem|exit)":/

function toldIn(line: string): z.output<typeof toldSchema> | undefined {
  if (!PROBABLY.test(line) || line.length > LONGEST) return undefined
  try {
    return toldSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** A task's log, followed as it grows. */
export class TaskLog {
  progress: TaskProgress | null = null
  problem: TaskProblem | null = null
  exit: number | null = null
  /** The last line for people. */
  last = ''
  /** Of the file. */
  bytes: number
  #offset = 0
  #rest = ''

  constructor(readonly path: string) {
    this.bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Reads what is new. @returns whether there was something */
  async read(): Promise<boolean> {
    const file = await openRegularAsync(this.path).catch(() => undefined)
    if (file === undefined) return false
    try {
      const { size } = await file.stat()
      if (size <= this.#offset) return false
      if (size - this.#offset > CHUNK) {
        this.#offset = size - CHUNK
        this.#rest = ''
      }
      const bytes = Buffer.alloc(size - this.#offset)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset)
      this.#offset += bytesRead
      this.bytes = this.#offset
      this.#take(bytes.toString('utf8', 0, bytesRead))
      return bytesRead > 0
    } finally {
      await file.close()
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!.slice(-LONGEST)
    for (const line of lines) {
      const told = toldIn(line)
      if (told === undefined) this.last = line.trim() || this.last
      else if ('progress' in told) this.progress = told.progress
      else if ('problem' in told) this.problem = told.problem
      else this.exit = told.exit
    }
  }
}

/** A piece of a log. */
export interface LogPart {
  /** Whole lines for people. */
  readonly text: string
  /** In bytes, where `text` begins. */
  readonly offset: number
  /** Where the next piece begins. */
  readonly next: number
  /** Of the whole log. */
  readonly bytes: number
}

/** Sent at once. */
const PART = 1 << 18

/**
 * Lines of a log from a byte on, without those for programs.
 * @param offset below 0: so many bytes before the end
 */
export async function readLog(path: string, offset: number): Promise<LogPart> {
  const file = await openRegularAsync(path).catch(() => undefined)
  if (file === undefined) return { text: '', offset: 0, next: 0, bytes: 0 }
  try {
    const { size } = await file.stat()
    const wanted = Math.min(size, offset < 0 ? Math.max(0, size + offset) : offset)
    const bytes = Buffer.alloc(Math.min(PART, size - wanted))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, wanted)
    const whole = bytes.subarray(0, bytesRead)
    // From the end backwards it is likely the middle of a line.
    const begin = offset < 0 && wanted > 0 ? whole.indexOf(10) + 1 : 0
    const last = whole.lastIndexOf(10) + 1
    // A line without an end, where more of it cannot be read at once, is sent as it is.
    const end = last > begin ? last : bytesRead === PART ? bytesRead : begin
    const lines = whole.toString('utf8', begin, end).split('\n')
    const text = lines.filter((line) => toldIn(line) === undefined).join('\n')
    return { text, offset: wanted + begin, next: wanted + end, bytes: size }
  } finally {
    await file.close()
  }
}
