import { isForMachine, tellMachine } from './machine.js'
import { printable, redraw, writeErr } from './printable.js'

const WIDTH = 24

/** Work as far as it is done. */
export interface Done {
  readonly done: number
  readonly total: number
  /** How many were done when the clock started: what an earlier run did says nothing about the speed of this one. */
  readonly since: number
  /** Since then. */
  readonly seconds: number
}

/** `[######------------------]` */
export function bar({ done, total }: Pick<Done, 'done' | 'total'>): string {
  const full = total > 0 ? Math.floor((WIDTH * done) / total) : WIDTH
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`
}

/** Pieces a second; undefined while nothing is known of it. */
function rateOf({ done, since, seconds }: Done): number | undefined {
  const rate = (done - since) / seconds
  return seconds >= 1 && rate > 0 ? rate : undefined
}

/** `61 s left`; empty where nothing is left, or the speed is not known yet. */
export function timeLeft(work: Done): string {
  const rate = rateOf(work)
  if (rate === undefined || work.done >= work.total) return ''
  return `${time((work.total - work.done) / rate)} left`
}

/** Rounded up, and in one unit: minutes are whole. */
function time(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 100) return `${whole} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

/** `[######------] 12 of 200 photographs, 3.1/s, 61 s left`. */
export function progressLine(what: string, work: Done): string {
  const rate = rateOf(work)
  const parts = [
    `${bar(work)} ${work.done} of ${work.total} ${what}`,
    ...(rate === undefined ? [] : [`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`]),
    timeLeft(work),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** Between two drawings, in ms: a terminal is slower than what it tells of. */
const PAUSE = 100
/** Where no terminal is, a file of them stays short. */
const PAUSE_OF_LINES = 10_000
/** What a program reads is shown to somebody. */
const PAUSE_OF_MACHINE = 1000

/**
 * The line of what is going on, on stderr: drawn over itself on a terminal; elsewhere a line now and then where the work
 * wants it, else none; for a program as JSON. Lines that stay are put above it.
 */
export class Display {
  #line = ''
  #drawn = Number.NEGATIVE_INFINITY

  /** @param what is done, in the plural */
  constructor(
    private readonly what: string,
    private readonly elsewhere = false,
  ) {}

  /** Draws it if it is time to, and in any case if it is `last`: then it stays. */
  show(
    line: () => string,
    { done, total }: { readonly done: number; readonly total: number | null },
    last = false,
  ): void {
    const terminal = process.stderr.isTTY
    const machine = isForMachine()
    if (!terminal && !machine && !this.elsewhere) return
    const now = performance.now()
    const pause = machine ? PAUSE_OF_MACHINE : terminal ? PAUSE : PAUSE_OF_LINES
    if (!last && now - this.#drawn < pause) return
    this.#drawn = now
    if (machine) {
      tellMachine({ progress: { what: this.what, done, total } })
      return
    }
    const text = line()
    if (!terminal) {
      writeErr(`${text}\n`)
      return
    }
    // A line that wraps would not be drawn over.
    this.#line = last ? '' : text.slice(0, (process.stderr.columns || 80) - 1)
    redraw(last ? `${text}\n` : this.#line)
  }

  /** A line above it. */
  say(line: string): void {
    if (!process.stderr.isTTY || isForMachine()) writeErr(`${printable(line)}\n`)
    else redraw(`${printable(line)}\n${this.#line}`)
  }
}

/** A bar for one kind of work; its last state stays. */
export function progress(what: string): (done: number, total: number) => void {
  const display = new Display(what)
  let [since, started] = [-1, 0]
  return (done, total) => {
    if (since < 0) [since, started] = [done, performance.now()]
    const work = () => ({ done, total, since, seconds: (performance.now() - started) / 1000 })
    display.show(() => progressLine(what, work()), { done, total }, done === total)
  }
}

/** A bar for each kind of work that a library tells of. */
export function progressOf(): (what: string, done: number, total: number) => void {
  const bars = new Map<string, ReturnType<typeof progress>>()
  return (what, done, total) => {
    const own = bars.get(what) ?? progress(what)
    bars.set(what, own)
    own(done, total)
  }
}
