import { availableParallelism } from 'node:os'
import type { BootstrapOptions } from '../../bootstrap/bootstrap.js'
import { EvaluateError } from '../../errors.js'
import { measurePad } from '../../pad/measure.js'
import type { PadDetector, PadResult } from '../../pad/result.js'
import { telling, type WorkOptions } from '../work.js'
import type { PresentedFiles, PresentedFolder } from './folders.js'

/** Scores of a picture by each detector; or why there is no answer (no face, not said), or no picture. */
export type PadAnswer =
  | { readonly scores: readonly number[] }
  | { readonly silent: string }
  | { readonly unreadable: string }

/** Detectors of attacks that look at the same pictures. */
export interface PadScorer {
  /** The order of the scores. */
  readonly detectors: readonly PadDetector[]
  /** What they say of a picture. Several may be asked for at once. */
  score(file: string): Promise<PadAnswer>
}

/** A presentation, and what was said of it. */
export interface JudgedPresentation extends PresentedFiles {
  /** Of each detector, of several frames the mean of those with an answer; null where there is none. */
  readonly scores: readonly number[] | null
  /** Why there is no answer. */
  readonly silent: string | null
}

export interface MeasuredPad {
  readonly result: PadResult
  readonly presentations: readonly JudgedPresentation[]
  /** Pictures that cannot be read: they are no presentations. */
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

/**
 * Detectors of attacks over the presentations of a folder. A picture that cannot be read is left out, one without an answer
 * counts as such.
 * @throws EvaluateError EVALUATE_PAD, EVALUATE_OPTION; what `score` throws; the signal's reason
 */
export async function evaluatePad(
  { root, presentations }: PresentedFolder,
  scorer: PadScorer,
  options: BootstrapOptions & WorkOptions = {},
): Promise<MeasuredPad> {
  const files = presentations.flatMap((one) => one.files)
  const answers = await scoreAll(files, scorer, options)
  const skipped = files.flatMap((photo) => {
    const answer = answers.get(photo)!
    return 'unreadable' in answer ? [{ photo, reason: answer.unreadable }] : []
  })
  const judged = presentations.flatMap((one) => judge(one, answers) ?? [])
  const readable = new Set(judged.map((one) => one.species))
  for (const {
    species,
    files: [file],
  } of presentations)
    if (!readable.has(species))
      throw new EvaluateError(
        'EVALUATE_PAD',
        `no picture in ${root} of ${species === null ? 'living people' : `attacks of the species ${species}`} can be read`,
        { hint: skipped.find(({ photo }) => photo === file)!.reason },
      )
  return { result: measurePad(judged, scorer.detectors, options), presentations: judged, skipped }
}

async function scoreAll(
  files: readonly string[],
  scorer: PadScorer,
  options: WorkOptions,
): Promise<Map<string, PadAnswer>> {
  const tell = telling(options, 'pictures')
  const answers = new Map<string, PadAnswer>()
  const todo = files.values()
  const work = async () => {
    for (const file of todo) {
      answers.set(file, await scorer.score(file))
      tell(answers.size, files.length)
    }
  }
  // All have ended before anything is closed.
  const ended = await Promise.allSettled(Array.from({ length: availableParallelism() }, work))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return answers
}

/** Null where none of its pictures can be read. */
function judge(
  one: PresentedFiles,
  answers: ReadonlyMap<string, PadAnswer>,
): JudgedPresentation | null {
  const found = one.files
    .map((file) => answers.get(file)!)
    .filter((answer) => !('unreadable' in answer))
  if (found.length === 0) return null
  const scores = found.flatMap((answer) => ('scores' in answer ? [answer.scores] : []))
  const silent = found.flatMap((answer) => ('silent' in answer ? [answer.silent] : []))
  if (scores.length === 0) return { ...one, scores: null, silent: silent[0]! }
  const mean = scores[0]!.map((_, k) => scores.reduce((sum, of) => sum + of[k]!, 0) / scores.length)
  return { ...one, scores: mean, silent: null }
}
