import { clone, create } from '@bufbuild/protobuf'
import { type ModelProto, ModelProtoSchema, ValueInfoProtoSchema } from '../generated/onnx_pb.js'

/** A copy of a model that also gives values that flow between its nodes, of whatever type they are. */
export function giveValues(model: ModelProto, names: readonly string[]): ModelProto {
  const copy = clone(ModelProtoSchema, model)
  const { input = [], output = [] } = copy.graph ?? {}
  const known = new Set([...input, ...output].map(({ name }) => name))
  output.push(
    ...names
      .filter((name) => !known.has(name))
      .map((name) => create(ValueInfoProtoSchema, { name })),
  )
  return copy
}
