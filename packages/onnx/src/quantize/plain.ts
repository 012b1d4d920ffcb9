import { clone } from '@bufbuild/protobuf'
import { Rewriting } from '../edit/rewriting.js'
import { OnnxError } from '../errors.js'
import { type ModelProto, ModelProtoSchema, TensorProto_DataType } from '../generated/onnx_pb.js'
import { externalFiles } from '../model/external.js'
import { foldNormalization } from './fold.js'
import { raiseOpset } from './opset.js'

const { FLOAT16, BFLOAT16 } = TensorProto_DataType

/**
 * A copy of a float32 model in the form that the writers of other precisions take: operator set 13 or newer, constants in
 * one place, nothing that does nothing, BatchNormalization within the products before it.
 *
 * @param name what errors call it
 * @throws OnnxError ONNX_PRECISION: quantised or float16 already, weights in other files, graphs within nodes, an
 *   operator set too old
 */
export function plainModel(model: ModelProto, name: string): ModelProto {
  refuseOthers(model, name)
  const graph = new Rewriting(clone(ModelProtoSchema, model))
  raiseOpset(graph, name)
  dropNothing(graph)
  foldNormalization(graph)
  return graph.finish()
}

function refuseOthers(model: ModelProto, name: string): void {
  const { node = [], initializer = [] } = model.graph ?? {}
  const refuse = (why: string, hint?: string) => {
    throw new OnnxError('ONNX_PRECISION', `${name}: ${why}`, { hint })
  }
  if (externalFiles(model, name).length > 0)
    refuse('it keeps its weights in other files', 'Save it as one file.')
  const integer = node.find(({ opType }) =>
    /^(QLinear|QGemm|Dynamic|.*Quantize|.*Integer)/.test(opType),
  )
  if (integer) refuse(`it is quantised already (${integer.opType})`, 'Take the float32 model.')
  if (initializer.some(({ dataType }) => [FLOAT16, BFLOAT16].includes(dataType)))
    refuse('its weights are float16 already', 'Take the float32 model.')
  const nested = node.find(({ attribute }) => attribute.some(({ g, graphs }) => g || graphs.length))
  if (nested || model.functions.length > 0)
    refuse(`it holds ${nested ? `a graph within its ${nested.opType}` : 'functions of its own'}`)
}

function dropNothing(graph: Rewriting): void {
  graph.graph.node = graph.nodes.filter(({ opType, input: [from], output: [to] }) => {
    if (!['Identity', 'Dropout'].includes(opType) || graph.isOutput(to!)) return true
    graph.rename(to!, from!)
    return false
  })
}
