import { OnnxError } from '../errors.js'
import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
} from '../generated/onnx_pb.js'

/**
 * Files beside a model in which it keeps weights (ONNX's external data), each once, sorted.
 * @param name what errors call the model
 * @throws OnnxError ONNX_NOT_A_MODEL for a place outside of the model's folder
 */
export function externalFiles(model: ModelProto, name: string): string[] {
  const files = new Set<string>()
  for (const { dataLocation, externalData } of tensorsOf(model)) {
    if (dataLocation !== TensorProto_DataLocation.EXTERNAL) continue
    const location = externalData.find(({ key }) => key === 'location')?.value ?? ''
    const file = normal(location)
    if (file === undefined)
      throw new OnnxError(
        'ONNX_NOT_A_MODEL',
        `${name}: it keeps weights in "${location}", which is no file in its folder; export it again`,
      )
    files.add(file)
  }
  return [...files].sort()
}

function* tensorsOf({ graph, functions }: ModelProto): Generator<TensorProto> {
  if (graph) yield* ofGraph(graph)
  for (const { node } of functions) yield* ofNodes(node)
}

function* ofGraph({ initializer, sparseInitializer, node }: GraphProto): Generator<TensorProto> {
  yield* initializer
  for (const { values, indices } of sparseInitializer)
    yield* [values, indices].flatMap((one) => one ?? [])
  yield* ofNodes(node)
}

function* ofNodes(nodes: readonly NodeProto[]): Generator<TensorProto> {
  for (const { t, tensors, g, graphs } of nodes.flatMap(({ attribute }) => attribute)) {
    yield* t ? [t, ...tensors] : tensors
    for (const graph of g ? [g, ...graphs] : graphs) yield* ofGraph(graph)
  }
}

/** A path below the model's folder without `.` and `..`; undefined for one that is absolute, leaves the folder or names nothing. */
function normal(location: string): string | undefined {
  if (/^([/\\]|[a-z]:)/i.test(location)) return undefined
  const parts: string[] = []
  for (const part of location.split(/[/\\]/)) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.length > 0 ? parts.join('/') : undefined
}
