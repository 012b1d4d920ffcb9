import { farGrid, pairIntervals, ratesDifference, ratesOfSamples } from '@arcface/evaluate'
import type { Answer, Question } from './statistics.js'

/** A draw of so many pairs takes a second or so; of more pairs fewer are drawn for a curve. */
const MOST = 3e7

addEventListener('message', ({ data: question }: MessageEvent<Question>) => {
  try {
    postMessage({ answer: answerTo(question) })
  } catch (error) {
    postMessage({ error: (error as Error).message })
  }
})

function answerTo(question: Question): Answer {
  const { samples } = question
  if (question.ask === 'rates') return { rates: ratesOfSamples(samples, question.threshold) }
  if (question.ask === 'difference')
    return { difference: ratesDifference(samples.all, question.other.all, question.thresholds) }
  const { all, tail } = samples
  const pairs = all.same.length
  const replicates = Math.max(100, Math.min(1000, Math.round(MOST / pairs)))
  const impostors = all.same.reduce((sum, label) => sum + Number(label !== 1), 0)
  const { folds } = question
  const intervals = pairIntervals(all, {
    ...{ fars: farGrid(impostors), replicates },
    ...(folds !== null && { folds }),
  })
  const kept = tail?.same.reduce((sum, label) => sum + Number(label !== 1), 0) ?? 0
  // Of the tail as far as most draws reach down.
  const ofTail =
    tail && pairIntervals(tail, { replicates, fars: farGridOfTail(question.impostors, kept) })
  const fromAll = ofTail ? ofTail.atFar.at(-1)!.far : 0
  return {
    bands: {
      ...{ replicates, accuracy: intervals.accuracy ?? null, area: intervals.auc },
      atFar: [...(ofTail?.atFar ?? []), ...intervals.atFar.filter(({ far }) => far > fromAll)],
    },
  }
}

const farGridOfTail = (impostors: number, kept: number): number[] =>
  farGrid(impostors).filter((far) => far <= (0.4 * kept) / impostors)
