import {
  type GraphValue,
  type ModelProto,
  modelInputs,
  modelOutputs,
  TensorProto_DataType,
} from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { IMAGE_SIZE } from '../image/size.js'

/** How a network is fed. */
export interface NetworkShape {
  readonly input: string
  readonly output: string
  readonly inputType: TensorProto_DataType
  readonly outputType: TensorProto_DataType
  /** N x 112 x 112 x 3. */
  readonly channelsLast: boolean
  /** Images a run where the file fixes it, else `undefined`. */
  readonly fixedBatch: number | undefined
}

const { FLOAT, FLOAT16, UINT8 } = TensorProto_DataType

/**
 * Checks that a model takes N x 3 x 112 x 112 or N x 112 x 112 x 3, of float32, float16 or uint8, and gives one output
 * N x D of float32 or float16. Another output of one number an image, as AdaFace's norm, is passed over.
 * @throws VisionError VISION_MODEL_SHAPE
 */
export function networkShape(model: ModelProto, name: string): NetworkShape {
  const [input, ...moreInputs] = modelInputs(model)
  const [output, ...moreOutputs] = embeddings(modelOutputs(model))
  const refuse = (what: string) => {
    throw new VisionError(
      'VISION_MODEL_SHAPE',
      `${name}: ${what}; a face embedder takes N x 3 x 112 x 112 or N x 112 x 112 x 3 of float32, float16 or uint8 and gives one output N x D`,
    )
  }
  if (!input || !output || moreInputs.length > 0 || moreOutputs.length > 0) {
    const outputs = modelOutputs(model).length
    return refuse(`it has ${modelInputs(model).length} inputs and ${outputs} outputs`)
  }
  if (![FLOAT, FLOAT16, UINT8].includes(input.elementType))
    return refuse(`its input is of type ${typeName(input)}`)
  if (![FLOAT, FLOAT16].includes(output.elementType))
    return refuse(`its output is of type ${typeName(output)}`)
  const fits = (...sides: readonly number[]) =>
    input.shape?.length === 4 &&
    sides.every((side, i) => {
      const found = input.shape![i + 1]
      return found === side || typeof found !== 'number'
    })
  const channelsFirst = fits(3, IMAGE_SIZE, IMAGE_SIZE)
  const channelsLast = !channelsFirst && fits(IMAGE_SIZE, IMAGE_SIZE, 3)
  const [batch] = input.shape ?? []
  if (input.shape && (batch === 0 || !(channelsFirst || channelsLast)))
    return refuse(`its input is ${show(input)}`)
  if (output.shape && output.shape.length !== 2) return refuse(`its output is ${show(output)}`)
  const [inputType, outputType] = [input.elementType, output.elementType]
  const fixedBatch = typeof batch === 'number' ? batch : undefined
  return { input: input.name, output: output.name, inputType, outputType, channelsLast, fixedBatch }
}

/** The only output, or of several those that are no single number an image. */
function embeddings(outputs: GraphValue[]): GraphValue[] {
  if (outputs.length < 2) return outputs
  return outputs.filter(({ shape }) => shape?.length !== 2 || shape[1] !== 1)
}

const typeName = ({ elementType }: GraphValue) =>
  (TensorProto_DataType[elementType] ?? 'no tensor').toLowerCase()

function show({ shape }: GraphValue): string {
  return shape?.map((dimension) => dimension ?? '?').join(' x ') || 'a scalar'
}
