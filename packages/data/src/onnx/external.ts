import { createHash } from 'node:crypto'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { streamRegular } from '../files/regular.js'
import { OnnxError } from './errors.js'
import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb.js'
import { readModel } from './model.js'

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
    const file = normalize(location)
    if (location === '' || isAbsolute(file) || /^\.\.([/\\]|$)/.test(file))
      throw new OnnxError(
        'ONNX_NOT_A_MODEL',
        `${name}: it keeps weights in "${location}", which is no file in its folder; export it again`,
      )
    files.add(file)
  }
  return [...files].sort()
}

/**
 * What a model is known by: the SHA-256 of its file, hexadecimal. Of one that keeps weights beside it, the SHA-256 of the
 * lines `<sum>  <name>` of the file, without a name, and of those weights, as `sha256sum` writes them.
 * @throws OnnxError as `readModel`, and ONNX_UNREADABLE where weights are missing
 */
export async function modelDigest(path: string): Promise<string> {
  const own = await sha256(path)
  const files = externalFiles(await readModel(path), path)
  if (files.length === 0) return own
  const lines = [`${own}  \n`]
  for (const file of files) lines.push(`${await sha256(join(dirname(path), file))}  ${file}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(streamRegular(path), hash)
  } catch (cause) {
    const message = `${path}: cannot be read: ${(cause as Error).message}`
    throw new OnnxError('ONNX_UNREADABLE', message, { cause })
  }
  return hash.digest('hex')
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
