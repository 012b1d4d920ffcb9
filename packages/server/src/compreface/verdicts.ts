import {
  type ChosenThreshold,
  chooseSearchThreshold,
  chooseThreshold,
  type EmbeddedFace,
  isDecided,
  verdictOf,
} from '@arcface/vision'
import type { App } from '../app/app.js'
import type { AuditVerdict } from '../audit/note.js'
import type { Place } from './gallery.js'
import { verdictFields } from './items.js'
import { similarityBy } from './similarity.js'

type Probe = Pick<EmbeddedFace, 'embedding' | 'rejected'>

/**
 * The nearest faces of a gallery for each probe, whoever they are: CompreFace's clients judge by the similarity. Of a face
 * that is rejected nobody is near. What a key may not see are similarities: then those stand there who are known, with 1.
 */
export async function recognize(
  app: App,
  { gallery, scores }: Place,
  probes: readonly Probe[],
  count: number,
) {
  const askable = probes.filter(({ rejected }) => rejected.length === 0)
  const found = await gallery?.nearest(
    askable.map(({ embedding }) => embedding),
    { top: count },
  )
  app.metrics.searched(askable.length)
  const searched = found?.[0]?.searched ?? (await gallery?.count()) ?? { people: 0, faces: 0 }
  const chosen = chooseSearchThreshold(app.recognizer.thresholds, {}, searched.faces)
  const similarity = similarityBy(chosen.threshold)
  return probes.map((probe) => {
    const matches = found?.[askable.indexOf(probe)]?.matches ?? []
    const isKnown = (cosine: number) => chosen.threshold !== null && cosine > chosen.threshold
    return {
      subjects: matches
        .filter((match) => scores || isKnown(match.similarity))
        .map((match) => ({
          subject: match.name,
          similarity: scores ? similarity(match.similarity) : 1,
        })),
      ...(isDecided(chosen, probe.rejected) && {
        known: matches[0] !== undefined && isKnown(matches[0].similarity),
      }),
      ...verdictFields(chosen),
      searched: { ...searched },
    }
  })
}

/** What the audit log is told of an answer about a face. @param people whom it names */
export function toldOf(
  verdict: ReturnType<typeof verdictFields> & {
    readonly known?: boolean
    readonly same?: boolean
    readonly searched?: AuditVerdict['searched']
    readonly subjects?: readonly { readonly subject: string }[]
  },
  people = verdict.subjects?.map(({ subject }) => subject) ?? [],
): AuditVerdict {
  const { known, same, threshold_cosine: threshold = null, far, fpir, searched } = verdict
  return { known: known ?? same ?? null, people, threshold, far, fpir, searched }
}

/** How two faces are compared: similarity, and whether they are the same; of a key without scores 1 or 0. */
export function comparing(app: App, scores: boolean) {
  const chosen: ChosenThreshold = chooseThreshold(app.recognizer.thresholds)
  const similarity = similarityBy(chosen.threshold)
  return (cosine: number, rejected: readonly unknown[]) => {
    const same = verdictOf(chosen, cosine, rejected)
    return {
      similarity: scores ? similarity(cosine) : same ? 1 : 0,
      ...(same !== null && { same }),
      ...verdictFields(chosen),
    }
  }
}
