import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'
import { IMAGE_SIZE } from '../image/size.js'
import type { NetworkShape } from './shape.js'

const [INPUT, TURNED, OUTPUT] = ['arcface.input', 'arcface.turned', 'arcface.output']

/**
 * Puts nodes before and behind a network that takes or gives something else than float32 N x 3 x 112 x 112 and
 * float32 N x D, so that it does: NHWC, uint8, float16. Its values are the same (pixels are whole numbers).
 *
 * @returns how it is fed now; the same where nothing had to be done
 */
export function adaptModel(model: ModelProto, shape: NetworkShape): NetworkShape {
  const graph = model.graph!
  const takesFloats = shape.inputType === TensorProto_DataType.FLOAT
  let { input, output } = shape
  if (!takesFloats || shape.channelsLast) {
    const last = takesFloats ? input : TURNED
    const nodes = []
    if (shape.channelsLast) nodes.push(transpose(INPUT, last))
    if (!takesFloats) nodes.push(cast(shape.channelsLast ? last : INPUT, input, shape.inputType))
    graph.node.unshift(...nodes)
    const [batch] = graph.input.flatMap(({ name, type }) =>
      name === input && type?.value.case === 'tensorType'
        ? (type.value.value.shape?.dim[0] ?? [])
        : [],
    )
    const sides = [3, IMAGE_SIZE, IMAGE_SIZE].map((side) => ({
      value: { case: 'dimValue' as const, value: BigInt(side) },
    }))
    const dim = [batch ?? { value: { case: 'dimParam' as const, value: 'batch' } }, ...sides]
    graph.input = graph.input.filter(({ name }) => name !== input)
    graph.input.unshift(floats(INPUT, { dim }))
    input = INPUT
  }
  if (shape.outputType === TensorProto_DataType.FLOAT16) {
    graph.node.push(cast(output, OUTPUT, TensorProto_DataType.FLOAT))
    graph.output.push(floats(OUTPUT))
    output = OUTPUT
  }
  return { ...shape, input, output }
}

const floats = (name: string, shape?: object) =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: TensorProto_DataType.FLOAT, ...(shape && { shape }) },
      },
    },
  })

function cast(from: string, to: string, type: TensorProto_DataType) {
  const attribute = create(AttributeProtoSchema, {
    name: 'to',
    type: AttributeProto_AttributeType.INT,
    i: BigInt(type),
  })
  return create(NodeProtoSchema, {
    name: to,
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [attribute],
  })
}

/** From N x C x H x W to N x H x W x C. */
function transpose(from: string, to: string) {
  const attribute = create(AttributeProtoSchema, {
    name: 'perm',
    type: AttributeProto_AttributeType.INTS,
    ints: [0n, 2n, 3n, 1n],
  })
  return create(NodeProtoSchema, {
    name: to,
    opType: 'Transpose',
    input: [from],
    output: [to],
    attribute: [attribute],
  })
}
