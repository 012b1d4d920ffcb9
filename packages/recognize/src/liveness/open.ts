import { LivenessChecker, type LivenessOptions } from '@arcface/vision'
import { type ResolveOptions, resolveLiveness } from '../models/resolve.js'
import { modelFile, type NetworkOptions } from '../network/network.js'
import { checkOptions } from '../options.js'

/** Which networks say whether a face is living, and from which score on it is. */
export interface LivenessChoice extends LivenessOptions {
  /** An installed pack. Default: the model's own, else `faceplugin`. */
  readonly pack?: string | undefined
}

/** @throws RecognizeError RECOGNIZE_USE */
export function checkLiveness(choice: LivenessChoice = {}): void {
  checkOptions('liveness', choice, { pack: 'text', threshold: 'number' })
}

export interface OpenLivenessOptions
  extends LivenessChoice,
    NetworkOptions,
    Pick<ResolveOptions, 'cache'> {}

/**
 * Opens what says whether faces are living.
 * @param model whose pack is asked first: as `Recognizer.open` takes it
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_CHECKSUM, RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_USE; VisionError
 *   VISION_LIVENESS, VISION_USE; OnnxError
 */
export async function openLiveness(
  model: string,
  options: OpenLivenessOptions = {},
): Promise<LivenessChecker> {
  checkOptions('openLiveness', options, {
    pack: 'text',
    threshold: 'number',
    cache: 'text',
    threads: 'number',
    backend: 'text',
  })
  const { pack, threshold, cache, threads, backend } = options
  const { part, paths } = await resolveLiveness(pack, model, { cache })
  const sources = await Promise.all(paths.map((path) => modelFile(path, { threads, backend })))
  return LivenessChecker.open(sources, part, { threshold })
}
