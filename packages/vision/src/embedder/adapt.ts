import { giveFloats, type ModelProto, TensorProto_DataType, takeFloats } from '@arcface/onnx'
import { IMAGE_SIZE } from '../image/size.js'
import type { NetworkShape } from './shape.js'

const { FLOAT } = TensorProto_DataType

/**
 * Puts nodes before and behind a network that takes or gives something else than float32 N x 3 x 112 x 112 and
 * float32 N x D, so that it does: NHWC, uint8, float16.
 *
 * @returns how it is fed now; the same where nothing had to be done
 */
export function adaptModel(model: ModelProto, shape: NetworkShape): NetworkShape {
  const { input, output, inputType, outputType, channelsLast } = shape
  return {
    ...shape,
    input:
      inputType === FLOAT && !channelsLast
        ? input
        : takeFloats(model, shape, [3, IMAGE_SIZE, IMAGE_SIZE]),
    output: outputType === FLOAT ? output : giveFloats(model, output),
  }
}
