import type { Recognizer } from '@arcface/recognize'
import type { Faces } from '@arcface/vision'
import { type Command, Option } from 'commander'
import { integer } from '../terminal/numbers.js'
import { type LivenessOptions, livenessChoice } from './liveness.js'
import { onnxOfRun } from './open.js'
import {
  addPreprocessing,
  type PreprocessingOptions,
  preprocessingOf,
  tellPreprocessing,
} from './preprocessing.js'
import { addQuality, type QualityOptions, qualityOption } from './quality.js'
import { thresholdsIn } from './thresholds.js'

/** Options of every command that finds and embeds the faces of photographs. */
export interface RecognizerOptions extends PreprocessingOptions, QualityOptions {
  model?: string
  detector?: string
  /** A file; see `addThreshold`. */
  thresholds?: string
  maxPixels?: number
}

export function addRecognizer(command: Command): Command {
  const models = command
    .option('--model <model>', 'an installed pack, an ONNX file or a run (default: faceplugin)')
    .option('--detector <model>', "a pack or an ONNX file (default: the model's own)")
    .addOption(maxPixelsOption())
  return addPreprocessing(addQuality(models))
}

/** `--max-pixels`: a bound on what decoding a photograph takes. */
export const maxPixelsOption = (): Option =>
  new Option(
    '--max-pixels <n>',
    'of the largest photograph that is decoded (default: what takes 512 MB, 170 million of most)',
  ).argParser(integer)

/** `--faces`, of which the first is the default. */
export function facesOption(choices: readonly Faces[]): Option {
  return new Option('--faces <which>', 'of several faces in a photograph; only: refuse several')
    .choices(choices)
    .default(choices[0])
}

export async function openRecognizer(
  options: RecognizerOptions & LivenessOptions,
): Promise<Recognizer> {
  const { Recognizer } = await import('@arcface/recognize')
  const { model, detector, maxPixels, thresholds } = options
  const preprocessing = preprocessingOf(options)
  const recognizer = await Recognizer.open({
    ...(model !== undefined && { model }),
    run: onnxOfRun,
    ...(detector !== undefined && { detector }),
    ...(maxPixels !== undefined && { maxPixels }),
    ...(preprocessing && { preprocessing }),
    ...(thresholds !== undefined && { thresholds: await thresholdsIn(thresholds) }),
    quality: qualityOption(options),
    liveness: livenessChoice(options),
  })
  const { preprocessing: used, source } = recognizer.preprocessing
  await tellPreprocessing(recognizer.model.name, used, source)
  return recognizer
}
