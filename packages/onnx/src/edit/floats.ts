import { node, valueInfo } from '../build/parts.js'
import { type ModelProto, TensorProto_DataType } from '../generated/onnx_pb.js'
import { modelInputs } from '../model/model.js'

const { FLOAT } = TensorProto_DataType
const [INPUT, TURNED, OUTPUT] = ['arcface.input', 'arcface.turned', 'arcface.output']

export interface ImageInput {
  readonly input: string
  readonly inputType: TensorProto_DataType
  /** N x height x width x channels. */
  readonly channelsLast: boolean
}

/**
 * Puts nodes before a network that takes images of another type or order, so that it takes float32 N x channels x height
 * x width. Its values are the same where pixels are whole numbers.
 *
 * @param sides channels, height, width
 * @returns the name of the new input
 */
export function takeFloats(
  model: ModelProto,
  { input, inputType, channelsLast }: ImageInput,
  sides: readonly [number, number, number],
): string {
  const graph = model.graph!
  const takesFloats = inputType === FLOAT
  const last = takesFloats ? input : TURNED
  const nodes = []
  // From N x C x H x W to N x H x W x C.
  if (channelsLast) nodes.push(node('Transpose', [INPUT], last, { perm: { ints: [0, 2, 3, 1] } }))
  if (!takesFloats) nodes.push(cast(channelsLast ? last : INPUT, input, inputType))
  graph.node.unshift(...nodes)
  const batch = modelInputs(model).find(({ name }) => name === input)?.shape?.[0] ?? 'batch'
  graph.input = graph.input.filter(({ name }) => name !== input)
  graph.input.unshift(valueInfo(INPUT, FLOAT, [batch, ...sides]))
  return INPUT
}

/** Puts a node behind an output of another type, so that there is one of float32; returns its name. */
export function giveFloats(model: ModelProto, output: string): string {
  const graph = model.graph!
  graph.node.push(cast(output, OUTPUT, FLOAT))
  graph.output.push(valueInfo(OUTPUT, FLOAT))
  return OUTPUT
}

const cast = (from: string, to: string, type: TensorProto_DataType) =>
  node('Cast', [from], to, { to: { int: type } })
