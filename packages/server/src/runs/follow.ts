import type { EventStream } from '../http/events.js'
import { GrowingLines } from './growing.js'
import { objectIn } from './line.js'

const POLL_MS = 500
/** Read at once for who follows. */
const MOST_BYTES = 1 << 20

export interface FollowOptions {
  /** `metrics.jsonl` of the run. */
  readonly path: string
  /** Where to begin; by default where it ends now. */
  readonly offset: number | undefined
  /** The file that `offset` is of. */
  readonly file: string | undefined
  isRunning(): boolean
  /** Asked when it begins or ends to run. */
  state(): Promise<string>
}

/**
 * Tells what a run measures as it is written: `lines` with an array of them, whose id names the file and the byte behind
 * them; `state` when it begins and when it changes; `reset` when the file is another one, because the run was gone on with
 * from a checkpoint: what was known is to be asked for anew, lines go on behind the byte that it names.
 */
export class RunFollower {
  readonly #lines: GrowingLines
  #isRunning: boolean | undefined
  #timer: NodeJS.Timeout | undefined
  #isOpen = true

  constructor(
    private readonly stream: EventStream,
    private readonly options: FollowOptions,
  ) {
    this.#lines = new GrowingLines(options.path)
  }

  async start(): Promise<void> {
    const { offset, file } = this.options
    await this.#trying(async () => {
      if (offset === undefined) await this.#lines.skipToEnd()
      else if (!(await this.#lines.skipTo(offset, file))) await this.#reset()
    })
    await this.#poll()
  }

  close(): void {
    this.#isOpen = false
    clearTimeout(this.#timer)
  }

  async #poll(): Promise<void> {
    await this.#trying(() => this.#tell())
    if (this.#isOpen) this.#timer = setTimeout(() => void this.#poll(), POLL_MS).unref()
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch {
      // What cannot be read now may be the next time; that it cannot is told to who asks for it.
    }
  }

  async #tell(): Promise<void> {
    // Who does not read gets more of it at once, later.
    if (!this.stream.isFull) {
      const lines: unknown[] = []
      const change = await this.#lines.read((text) => {
        const line = text === undefined ? undefined : objectIn(text)
        if (line) lines.push(line)
      }, MOST_BYTES)
      if (change === 'reset') await this.#reset()
      else if (lines.length > 0) this.stream.send('lines', lines, this.#id)
    }
    const isRunning = this.options.isRunning()
    if (isRunning === this.#isRunning) return
    this.stream.send('state', { state: await this.options.state() }, this.#id)
    this.#isRunning = isRunning
  }

  async #reset(): Promise<void> {
    await this.#lines.skipToEnd()
    const { offset, file } = this.#lines
    this.stream.send('reset', { offset, file }, this.#id)
  }

  get #id(): string {
    return `${this.#lines.file}:${this.#lines.offset}`
  }
}
