import { DEFAULT_PACK, FaceFinder, type QualityOption } from '@arcface/vision'
import { openDetector } from '../detect/open.js'
import { isOfPhoto } from '../errors.js'
import { type ResolveOptions, resolveDetector, resolveLiveness } from '../models/resolve.js'
import { usePhoto } from '../photo/photo.js'
import { type LivenessChoice, openLiveness } from './open.js'

export interface LivenessScorerOptions extends LivenessChoice, Pick<ResolveOptions, 'cache'> {
  /** A pack or an ONNX file. Default: the pack's own, else that of `faceplugin`. */
  readonly detector?: string | undefined
  /** Pixels of the largest photograph that is decoded. */
  readonly maxPixels?: number | undefined
  /** What a face must be like for an answer; see `Recognizer.open`. */
  readonly quality?: QualityOption | undefined
}

/** `PadAnswer` of @arcface/evaluate, whose charts are no part of this room's installation. */
type Answer =
  | { readonly scores: readonly number[] }
  | { readonly silent: string }
  | { readonly unreadable: string }

/** A pack's networks for liveness as detectors of attacks: their mean first, then of several each by itself at the same threshold. */
export interface LivenessScorer {
  readonly detectors: readonly { readonly name: string; readonly threshold: number }[]
  score(file: string): Promise<Answer>
  readonly pack: string
  /** ONNX files. */
  readonly weights: readonly string[]
  close(): Promise<void>
}

/**
 * What `evaluatePad` of @arcface/evaluate measures: of each photograph the liveness of the largest face. No face, and one of
 * which nothing is said, is no answer.
 * @throws as `openLiveness` and `Recognizer.open`
 */
export async function openLivenessScorer(
  options: LivenessScorerOptions = {},
): Promise<LivenessScorer> {
  const { pack = DEFAULT_PACK, threshold, cache, quality = {}, maxPixels } = options
  const { part, paths } = await resolveLiveness(pack, pack, { cache })
  const { path, landmarks } = await resolveDetector(options.detector, pack, { cache })
  const checker = await openLiveness(pack, { pack, threshold, cache, threads: 1 })
  try {
    const detector = await openDetector(path, { landmarks, threads: 1 })
    const finder = new FaceFinder(detector, quality)
    const score = async (file: string): Promise<Answer> => {
      try {
        return await usePhoto(file, { maxPixels }, async (photo) => {
          const [face] = await finder.find(photo, { faces: 'largest' })
          if (face === undefined) return { silent: 'no face found' }
          const { score: mean, live, unsure, scores } = await checker.check(photo, face)
          if (live === null) {
            const why = unsure.flatMap((one) => (one === 'rejected' ? face.rejected : one))
            return { silent: `not said: ${[...new Set(why)].join(', ')}` }
          }
          const each = scores.map((one) => one.score)
          return { scores: each.length > 1 ? [mean, ...each] : [mean] }
        })
      } catch (error) {
        if (isOfPhoto(error)) return { unreadable: error.message }
        throw error
      }
    }
    const own = { name: pack, threshold: threshold ?? part.points[0]!.threshold }
    const each = part.models.map(({ file }) => ({ ...own, name: file }))
    return {
      pack,
      weights: paths,
      detectors: each.length > 1 ? [own, ...each] : [own],
      score,
      close: async () => {
        await Promise.all([checker.close(), finder.close()])
      },
    }
  } catch (error) {
    await checker.close()
    throw error
  }
}
