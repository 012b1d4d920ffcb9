import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { OnnxError } from '../errors.js'
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from '../generated/onnx_pb.js'
import { outgrows } from './bound.js'
import { whatIsIt } from './what.js'

/** A dimension: a number, a symbol such as `batch`, or `null` where the file says nothing. */
export type Dimension = number | string | null

/** An input or output of a graph. `shape` is `null` where the file declares none. */
export interface GraphValue {
  readonly name: string
  /** TensorProto.DataType, for example 1 = float32; 0 where it is not a tensor. */
  readonly elementType: number
  readonly shape: readonly Dimension[] | null
}

/**
 * Parses the bytes of an ONNX file; `name` is what errors call it.
 * @throws OnnxError ONNX_NOT_A_MODEL
 */
export function decodeModel(bytes: Uint8Array, name: string): ModelProto {
  const what = whatIsIt(bytes)
  if (what !== undefined) throw new OnnxError('ONNX_NOT_A_MODEL', `${name} is ${what}`)
  let model: ModelProto | undefined
  try {
    model = outgrows(bytes) ? undefined : fromBinary(ModelProtoSchema, bytes)
  } catch (cause) {
    throw new OnnxError(
      'ONNX_NOT_A_MODEL',
      `${name}: not an ONNX model, or cut short (${bytes.length} bytes); export or copy it again`,
      { cause },
    )
  }
  if (model === undefined)
    throw new OnnxError(
      'ONNX_NOT_A_MODEL',
      `${name}: its ${bytes.length} bytes hold more parts than any model, so many that reading them would take memory out of proportion; take it from its source again`,
    )
  // Protocol buffers accept nearly any bytes, and a file may be cut between two fields:
  // what every model must have (IR specification, "Models") decides.
  const missing =
    model.irVersion <= 0n
      ? 'an IR version'
      : !model.graph || model.graph.output.length === 0
        ? 'a graph with an output'
        : model.irVersion >= 3n && model.opsetImport.length === 0
          ? 'an operator set'
          : undefined
  if (missing) {
    throw new OnnxError(
      'ONNX_NOT_A_MODEL',
      `${name}: not a complete ONNX model: it lacks ${missing}; export or copy it again`,
    )
  }
  return model
}

/** The bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model)
}

/** What a caller has to feed: the graph's inputs without those that have an initial value. */
export function modelInputs(model: ModelProto): GraphValue[] {
  const initialized = new Set(model.graph?.initializer.map((tensor) => tensor.name))
  return (model.graph?.input ?? [])
    .filter((input) => !initialized.has(input.name))
    .map(describeValue)
}

/** The graph's outputs, in order. */
export function modelOutputs(model: ModelProto): GraphValue[] {
  return (model.graph?.output ?? []).map(describeValue)
}

function describeValue(info: ValueInfoProto): GraphValue {
  const type = info.type?.value
  if (type?.case !== 'tensorType') return { name: info.name, elementType: 0, shape: null }
  const shape = type.value.shape?.dim.map(({ value }): Dimension => {
    if (value.case === 'dimValue') return Number(value.value)
    return value.case === 'dimParam' ? value.value : null
  })
  return { name: info.name, elementType: type.value.elemType, shape: shape ?? null }
}
