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

/**
 * Asks a worker, when nothing else has been asked for a moment.
 * @returns undefined until it has answered; an error's message where it could not
 */
function useAnswer<K extends keyof Answer>(
  kind: K,
  question: Question | null,
): NonNullable<Answer[K]> | string | undefined {
  const [answer, setAnswer] = useState<{ to: Question; told: NonNullable<Answer[K]> | string }>()
  const worker = useRef<Worker>(undefined)
  useEffect(() => () => worker.current?.terminate(), [])
  useEffect(() => {
    if (question === null) return
    const timer = setTimeout(() => {
      // One that still works on an older question is of no use.
      worker.current?.terminate()
      const made = new Worker(new URL('./statistics.worker.ts', import.meta.url), {
        type: 'module',
      })
      worker.current = made
      made.onmessage = ({ data }: MessageEvent<{ answer?: Answer; error?: string }>) => {
        const told = data.answer?.[kind]
        setAnswer({ to: question, told: told ?? data.error ?? '' })
        made.terminate()
      }
      made.onerror = ({ message }) => setAnswer({ to: question, told: message })
      made.postMessage(question)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [kind, question])
  return answer && answer.to === question ? answer.told : undefined
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
