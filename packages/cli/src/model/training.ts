import type { PreprocessingInput } from '@arcface/onnx'
import type { Config } from '@arcface/train'
import { onnxOfRun } from './open.js'

/**
 * A configuration in which the ONNX file that the backbone is made of, and the teacher, is a file: it may be named as
 * `--model` is, by a pack or a run, too. What the pack says of pixels goes below what the configuration says.
 * @throws RecognizeError RECOGNIZE_PACK with the command that brings the pack; OnnxError; VisionError
 */
export async function withFiles(config: Config): Promise<Config> {
  const { distill, model } = config
  const { isRun } = await import('@arcface/recognize')
  let found = config
  if (model.backbone === 'onnx' && model.weights !== null) {
    const { path: weights, preprocessing } = await fileOf(model.weights, model, 'model')
    found = { ...found, model: { ...model, weights, preprocessing } }
  }
  // The trainer knows how to learn of a run, whatever its weights are exported as.
  if (distill && !isRun(distill.teacher)) {
    const { path: teacher, preprocessing } = await fileOf(distill.teacher, distill, 'distill')
    found = { ...found, distill: { ...distill, teacher, preprocessing } }
  }
  return found
}

type Given = Pick<Config['model'], 'preprocessing'>

/** @param part of the configuration that has `given` */
async function fileOf(
  name: string,
  { preprocessing: given }: Given,
  part: string,
): Promise<{ path: string } & Given> {
  const { resolveModel } = await import('@arcface/recognize')
  const { path, preprocessing: said } = await resolveModel(name, { run: onnxOfRun })
  return { path, preprocessing: said ? await below(given, said, part) : given }
}

async function below(
  given: Given['preprocessing'],
  ofPack: PreprocessingInput,
  part: string,
): Promise<Given['preprocessing']> {
  const { preprocessingSchema } = await import('@arcface/onnx')
  const { replacePreprocessing } = await import('@arcface/vision')
  const known = preprocessingSchema.parse(ofPack)
  return replacePreprocessing(known, given ?? {}, `${part}.preprocessing`)
}
