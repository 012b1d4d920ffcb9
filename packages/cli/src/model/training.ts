import type { PreprocessingInput } from '@arcface/onnx'
import type { Config } from '@arcface/train'
import { onnxOfRun } from './open.js'

/**
 * A configuration in which the ONNX file that the backbone is made of is a file: it may be named as `--model` is, by a
 * pack or a run, too. What the pack says of pixels goes below what the configuration says.
 * @throws RecognizeError RECOGNIZE_PACK with the command that brings the pack; OnnxError; VisionError
 */
export async function withFiles(config: Config): Promise<Config> {
  const { model } = config
  if (model.backbone !== 'onnx' || model.weights === null) return config
  const { resolveModel } = await import('@arcface/recognize')
  const { preprocessing: said, ...found } = await resolveModel(model.weights, { run: onnxOfRun })
  return {
    ...config,
    model: { ...model, weights: found.path, preprocessing: await below(model, said) },
  }
}

async function below(
  { preprocessing: given }: Config['model'],
  ofPack: PreprocessingInput | undefined,
): Promise<Config['model']['preprocessing']> {
  if (ofPack === undefined) return given
  const { preprocessingSchema } = await import('@arcface/onnx')
  const { replacePreprocessing } = await import('@arcface/vision')
  return replacePreprocessing(preprocessingSchema.parse(ofPack), given ?? {}, 'model.preprocessing')
}
