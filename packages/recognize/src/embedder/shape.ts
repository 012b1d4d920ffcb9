import { IMAGE_SIZE } from '@arcface/data'
import {
  type Dimension,
  type GraphValue,
  type ModelProto,
  modelInputs,
  modelOutputs,
  TensorProto_DataType,
} from '@arcface/data/onnx'
import { RecognizeError } from '../errors.js'

/** How a network is fed. */
export interface NetworkShape {
  readonly input: string
  readonly output: string
  /** Images a run where the file fixes it, else `undefined`. */
  readonly fixedBatch: number | undefined
}

/**
 * Checks that a model takes float32 N x 3 x 112 x 112 and gives one output.
 * @throws RecognizeError RECOGNIZE_MODEL_SHAPE
 */
export function networkShape(model: ModelProto, name: string): NetworkShape {
  const [input, ...moreInputs] = modelInputs(model)
  const [output, ...moreOutputs] = modelOutputs(model)
  const refuse = (what: string) => {
    throw new RecognizeError(
      'RECOGNIZE_MODEL_SHAPE',
      `${name}: ${what}; a face embedder takes float32 N x 3 x 112 x 112 and gives one output N x D`,
    )
  }
  if (!input || !output || moreInputs.length > 0 || moreOutputs.length > 0) {
    const outputs = modelOutputs(model).length
    return refuse(`it has ${modelInputs(model).length} inputs and ${outputs} outputs`)
  }
  if (input.elementType !== TensorProto_DataType.FLOAT) {
    const type = TensorProto_DataType[input.elementType] ?? 'no tensor'
    return refuse(`its input is of type ${type.toLowerCase()}`)
  }
  const fits = (dimension: Dimension | undefined, size: number) =>
    dimension === size || typeof dimension !== 'number'
  const [batch, channels, height, width] = input.shape ?? []
  if (
    input.shape &&
    !(
      input.shape.length === 4 &&
      batch !== 0 &&
      fits(channels, 3) &&
      fits(height, IMAGE_SIZE) &&
      fits(width, IMAGE_SIZE)
    )
  ) {
    return refuse(`its input is ${show(input)}`)
  }
  if (output.shape && output.shape.length !== 2) return refuse(`its output is ${show(output)}`)
  const fixedBatch = typeof batch === 'number' ? batch : undefined
  return { input: input.name, output: output.name, fixedBatch }
}

function show({ shape }: GraphValue): string {
  return shape?.map((dimension) => dimension ?? '?').join(' x ') || 'a scalar'
}
