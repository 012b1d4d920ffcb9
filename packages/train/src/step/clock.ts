import { type Phase, phases, type Seconds } from '../run/metrics.js'

const none = () => Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>

/**
 * Splits the time of steps by what it went to. On CUDA, which works behind the program's back, a phase that waits for
 * values pays for those before it.
 */
export class StepClock {
  /** Hears of every phase, in milliseconds of `performance.now`. */
  listener: ((phase: Phase, start: number, end: number) => void) | null = null
  #last = performance.now()
  #lastCommunicated = 0
  #sums = none()
  #steps = 0

  /** @param communicated seconds that have gone to communication so far */
  constructor(readonly communicated: () => number = () => 0) {}

  /** What went by since the last word was `phase`, but for communication. */
  mark(phase: Phase): void {
    const [since, before] = [this.#last, this.#lastCommunicated]
    this.skip()
    const waited = this.#lastCommunicated - before
    this.#sums.communication += waited
    this.#sums[phase] += Math.max(0, (this.#last - since) / 1000 - waited)
    this.listener?.(phase, since, this.#last)
  }

  /** What went by since the last word was no part of a step. */
  skip(): void {
    this.#last = performance.now()
    this.#lastCommunicated = this.communicated()
  }

  /** A step is done. */
  step(): void {
    this.#steps++
  }

  /** Means of the steps since `restart`. */
  get seconds(): Seconds {
    const steps = Math.max(1, this.#steps)
    return Object.fromEntries(phases.map((phase) => [phase, this.#sums[phase] / steps])) as Record<
      Phase,
      number
    >
  }

  restart(): void {
    this.#sums = none()
    this.#steps = 0
  }
}
