import { openPairs, type PairList } from '@arcface/data'
import { evaluateVerificationBoth, type VerificationResult } from '@arcface/evaluate'
import type { Config } from '../config/schema.js'
import type { VerifyMetrics } from '../run/metrics.js'
import { networkOf, type Training } from './build.js'
import { embedder } from './network.js'

export interface VerifySet {
  name: string
  pairs: PairList
}

export const openSets = ({ verify }: Config): VerifySet[] =>
  verify.sets.map(({ name, images, pairs }) => ({
    name,
    pairs: openPairs(pairs, images ?? undefined),
  }))

/** Results with flip; the thresholds are those without, for whoever embeds an image once. */
export interface Verified {
  name: string
  result: VerificationResult
  thresholdAtFar: VerificationResult['thresholdAtFar']
}

export async function verifyAll(
  sets: readonly VerifySet[],
  training: Training,
  { train }: Config,
): Promise<Verified[]> {
  const found: Verified[] = []
  for (const { name, pairs } of sets) {
    const { plain, flip } = await evaluateVerificationBoth(
      pairs,
      embedder(networkOf(training), train),
      {
        batchSize: train.batchSize,
      },
    )
    found.push({ name, result: flip, thresholdAtFar: plain.thresholdAtFar })
  }
  return found
}

export const metricsOf = (
  step: number,
  { name, result, thresholdAtFar }: Verified,
): VerifyMetrics => {
  const { accuracy, std, auc, tarAtFar } = result
  return { step, set: name, accuracy, std, auc, tarAtFar, thresholdAtFar }
}
