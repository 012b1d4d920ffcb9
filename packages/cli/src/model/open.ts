import type { EmbedFn } from '@arcface/evaluate'
import type { OpenedModel } from '@arcface/recognize'
import { type PreprocessingOptions, preprocessingOf, tellPreprocessing } from './preprocessing.js'

/** What `--model` is where it is left out: DEFAULT_PACK of @arcface/recognize, which loads only when it is used. */
export const DEFAULT_MODEL = 'faceplugin'

/** A run's network as an ONNX file, for which libtorch is loaded. */
export const onnxOfRun = async (folder: string): Promise<string> =>
  (await import('@arcface/train')).onnxOfRun(folder)

/** Opens an ONNX file, the embedder of a model pack or the network of a run on ONNX Runtime. */
export async function openOnnx(model: string, options: PreprocessingOptions): Promise<OpenedModel> {
  const { openModel } = await import('@arcface/recognize')
  const preprocessing = preprocessingOf(options)
  const opened = await openModel(model, { preprocessing, run: onnxOfRun })
  const { name, preprocessing: used, preprocessingSource } = opened.embedder
  await tellPreprocessing(name, used, preprocessingSource)
  return opened
}

/** A model as a function for evaluation. */
export interface MeasuredModel {
  embed: EmbedFn
  close(): Promise<void>
}

/** Opens an ONNX file, a model pack, or a run folder, for which libtorch is loaded. */
export async function openModel(
  model: string,
  options: PreprocessingOptions,
): Promise<MeasuredModel> {
  const { isRun } = await import('@arcface/recognize')
  if (isRun(model)) {
    await refusePreprocessing(model, options)
    const { openRunEmbedder } = await import('@arcface/train')
    return openRunEmbedder(model)
  }
  const { embedder } = await openOnnx(model, options)
  return { embed: (images, n) => embedder.features(images, n), close: () => embedder.close() }
}

/** @throws RecognizeError RECOGNIZE_PREPROCESSING where some is given for a run */
export async function refusePreprocessing(
  run: string,
  options: PreprocessingOptions,
): Promise<void> {
  if (!preprocessingOf(options)) return
  const { RecognizeError } = await import('@arcface/recognize')
  throw new RecognizeError(
    'RECOGNIZE_PREPROCESSING',
    `${run} is a run, whose networks carry their preprocessing; leave --mean, --std, --range and --bgr out`,
  )
}
