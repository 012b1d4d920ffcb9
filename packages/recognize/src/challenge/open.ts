import { EyeReader } from '@arcface/vision'
import { type ResolveOptions, resolveEyes } from '../models/resolve.js'
import { modelFile, type NetworkOptions } from '../network/network.js'

export interface OpenEyesOptions extends NetworkOptions, Pick<ResolveOptions, 'cache'> {}

/**
 * Opens what tells closed eyes from open ones, for the blink of a challenge; undefined where the pack was installed
 * before it had it.
 * @param model whose pack is asked first: as `Recognizer.open` takes it
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_USE; VisionError VISION_MODEL_SHAPE;
 *   OnnxError
 */
export async function openEyes(
  model: string,
  { cache, threads, backend }: OpenEyesOptions = {},
): Promise<EyeReader | undefined> {
  const path = await resolveEyes(model, { cache })
  return path === undefined
    ? undefined
    : EyeReader.open(await modelFile(path, { threads, backend }))
}
