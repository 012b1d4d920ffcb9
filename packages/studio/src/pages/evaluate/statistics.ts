import type {
  Interval,
  PairIntervals,
  RatesDifference,
  ScoredSamples,
  ThresholdRates,
} from '@arcface/evaluate'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Opened } from './opened.js'

/** What is drawn over people in a worker. */
export type Question =
  | { ask: 'rates'; samples: ScoredSamples; threshold: number }
  | { ask: 'bands'; samples: ScoredSamples; folds: number | null; impostors: number }
  | {
      ask: 'difference'
      samples: ScoredSamples
      other: ScoredSamples
      thresholds: readonly [number, number]
    }

export interface Answer {
  rates?: ThresholdRates
  bands?: Bands
  difference?: RatesDifference
}

/** Intervals that a curve is drawn with. */
export interface Bands {
  readonly replicates: number
  readonly accuracy: Interval | null
  readonly area: Interval
  readonly atFar: PairIntervals['atFar']
}

/** For the hand to rest. */
const REST_MS = 150

/** Answers one question after the other; of those that wait only the last counts. */
class Statistician {
  #worker: Worker | undefined
  #asked: Question | undefined
  #next: Question | undefined

  /** @param told hears an answer, or why there is none: '' where the worker could not be loaded */
  constructor(private readonly told: (question: Question, answer: Answer | string) => void) {}

  ask(question: Question): void {
    if (this.#asked) this.#next = question
    else this.#post(question)
  }

  end(): void {
    this.#worker?.terminate()
  }

  // One that is loaded goes on while the server is gone.
  #open(): Worker {
    const worker = new Worker(new URL('./statistics.worker.ts', import.meta.url), {
      type: 'module',
    })
    worker.onmessage = ({ data }: MessageEvent<{ answer?: Answer; error?: string }>) =>
      this.#answered(data.answer ?? data.error ?? '')
    worker.onerror = ({ message }) => {
      this.#worker = undefined
      this.#answered(message ?? '')
    }
    return worker
  }

  #post(question: Question): void {
    this.#worker ??= this.#open()
    this.#asked = question
    this.#worker.postMessage(question)
  }

  #answered(answer: Answer | string): void {
    const [asked, next] = [this.#asked!, this.#next]
    this.#asked = this.#next = undefined
    this.told(asked, answer)
    if (next) this.#post(next)
  }
}

/**
 * Asks a worker, when nothing else has been asked for a moment.
 * @returns undefined until it has answered; an error's message where it could not
 */
function useAnswer<K extends keyof Answer>(
  kind: K,
  question: Question | null,
): NonNullable<Answer[K]> | string | undefined {
  const [answer, setAnswer] = useState<{ to: Question; told: Answer | string }>()
  const statistician = useRef<Statistician>(undefined)
  useEffect(() => {
    const made = new Statistician((to, told) => setAnswer({ to, told }))
    statistician.current = made
    return () => made.end()
  }, [])
  useEffect(() => {
    if (question === null) return
    const timer = setTimeout(() => statistician.current!.ask(question), REST_MS)
    return () => clearTimeout(timer)
  }, [question])
  if (question === null || answer?.to !== question) return undefined
  const { told } = answer
  return typeof told === 'string' ? told : (told[kind] as NonNullable<Answer[K]> | undefined)
}

/** What a threshold gives, with intervals. */
export function useRates({ samples }: Opened, threshold: number) {
  const question = useMemo(
    (): Question => ({ ask: 'rates', samples, threshold }),
    [samples, threshold],
  )
  return useAnswer('rates', question)
}

export function useBands({ samples, set: { folds, impostors }, fault }: Opened) {
  const question = useMemo(
    (): Question | null => (fault === null ? { ask: 'bands', samples, folds, impostors } : null),
    [samples, folds, impostors, fault],
  )
  return useAnswer('bands', question)
}

/** How much two models differ on the same pairs, each at its threshold. */
export function useDifference(a: Opened, b: Opened, first: number, second: number) {
  const question = useMemo(
    (): Question | null =>
      a.fault === null
        ? {
            ask: 'difference',
            samples: a.samples,
            other: b.samples,
            thresholds: [first, second],
          }
        : null,
    [a, b, first, second],
  )
  return useAnswer('difference', question)
}
