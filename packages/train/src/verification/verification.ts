import { checkImage, DataError, type ImageSource, openPairs, type PairList } from '@arcface/data'
import {
  EvaluateError,
  foldStarts,
  impostorsOf,
  measureThresholds,
  type PairIntervals,
  pairSample,
  type VerificationResult,
} from '@arcface/evaluate'
import { evaluateVerificationBoth, peopleOf, reportIntervals } from '@arcface/evaluate/run'
import { FilesError } from '@arcface/files'
import type { Thresholds } from '@arcface/onnx'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { embedder } from '../network/embed.js'
import type { VerifyFailure, VerifyMetrics } from '../run/metrics.js'
import { networkOf, type Training } from '../step/training.js'

export interface VerifySet {
  name: string
  pairs: PairList
}

/** Images whose headers are read at once. */
const LANES = 8
/** Images of a set that are named where something is wrong with them. */
const NAMED = 5

/**
 * Opens the verification sets and looks at all that a verification needs: lists, folds, the header of every image.
 * @throws TrainError TRAIN_VERIFY naming everything that is wrong
 */
export async function openSets({ verify }: Config): Promise<VerifySet[]> {
  const sets: VerifySet[] = []
  const problems: string[] = []
  for (const { name, images, pairs: file } of verify.sets) {
    const complain = (why: string) => void problems.push(`${name}: ${why}`)
    try {
      const pairs = openPairs(file, images ?? undefined)
      sets.push({ name, pairs })
      for (const why of await wrongImages(pairs.images)) complain(why)
      foldStarts(pairs.same, pairs.folds)
    } catch (error) {
      complain(reasonOf(error))
    }
  }
  if (problems.length === 0) return sets
  throw new TrainError(
    'TRAIN_VERIFY',
    `What is to be verified cannot be:\n  ${problems.join('\n  ')}`,
    {
      hint: 'Mend it, or take it out of verify.sets, which may be empty, of a run that goes on too.',
    },
  )
}

/** What is wrong with images, the first ones by name. */
async function wrongImages(images: readonly ImageSource[]): Promise<string[]> {
  const wrong: { at: number; why: string }[] = []
  let next = 0
  const lane = async () => {
    while (next < images.length) {
      const at = next++
      await checkImage(images[at]!).catch((error: unknown) => {
        wrong.push({ at, why: reasonOf(error) })
      })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const inOrder = wrong.sort((a, b) => a.at - b.at).map(({ why }) => why)
  const more = inOrder.length - NAMED
  return more <= 0 ? inOrder : [...inOrder.slice(0, NAMED), `and ${more} more of its images`]
}

/** What a person can do something about; a mistake of ours passes. */
function reasonOf(error: unknown): string {
  if (error instanceof DataError || error instanceof FilesError || error instanceof EvaluateError)
    return error.message
  throw error
}

/** Results with flip; the thresholds are those without, for whoever embeds an image once. */
export interface Verified {
  name: string
  result: VerificationResult
  thresholdAtFar: VerificationResult['thresholdAtFar']
  thresholds: Thresholds | null
  intervals?: PairIntervals
}

/** Measures every set; one that fails is told in `failed`, and holds up neither the others nor the training. */
export async function verifyAll(
  sets: readonly VerifySet[],
  training: Training,
  { train }: Config,
  step: number,
): Promise<{ found: Verified[]; failed: VerifyFailure[] }> {
  const found: Verified[] = []
  const failed: VerifyFailure[] = []
  const embed = embedder(networkOf(training), train)
  for (const { name, pairs } of sets)
    try {
      const { batchSize } = train
      const { plain, flip } = await evaluateVerificationBoth(pairs, embed, { batchSize })
      const { thresholdAtFar } = plain
      const thresholds = thresholdsOf(name, pairs, plain)
      const intervals = reportIntervals(flip, { ...pairs, people: peopleOf(pairs) })
      const measured = { name, result: flip, thresholdAtFar, thresholds }
      found.push({ ...measured, ...(intervals && { intervals }) })
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown }
      failed.push({ step, set: name, failure: `${code ?? 'error'}: ${message}` })
    }
  return { found, failed }
}

/** For use, as far as the pairs bear them out; null where they are too few, or their labels contradict each other. */
function thresholdsOf(
  name: string,
  pairs: PairList,
  { similarities, same }: VerificationResult,
): Thresholds | null {
  try {
    const sample = pairSample(similarities, same, pairs.a, pairs.b, peopleOf(pairs))
    return measureThresholds(impostorsOf(sample), name)
  } catch (error) {
    if (error instanceof EvaluateError) return null
    throw error
  }
}

export const metricsOf = (
  step: number,
  { name, result, thresholdAtFar, thresholds, intervals }: Verified,
): VerifyMetrics => {
  const { accuracy, std, auc, tarAtFar, pairs } = result
  const tar = (far: string) => intervals?.atFar.find((point) => point.far === Number(far))?.tar
  return {
    ...{ step, set: name, accuracy, std, auc, tarAtFar, thresholdAtFar, thresholds, pairs },
    intervals: intervals
      ? {
          people: intervals.identities,
          accuracy: intervals.accuracy!,
          tarAtFar: Object.fromEntries(Object.keys(tarAtFar).map((far) => [far, tar(far)!])),
        }
      : null,
  }
}
