import { readWhole } from '@arcface/files'
import { type ModelProto, TensorProto_DataType } from '@arcface/onnx'
import { z } from 'zod'
import { DataError } from '../errors.js'
import type { Weight, Weights } from '../weights/tensor.js'
import { Added, converters, type FloatWeight, type MxnetNode } from './mxnet-operators.js'

const attributes = z.record(z.string(), z.string())
/** What MXNet's `-symbol.json` holds; older versions call `attrs` `attr` or `param`. */
const symbolSchema = z.object({
  nodes: z
    .array(
      z.object({
        op: z.string(),
        name: z.string(),
        attrs: attributes.optional(),
        attr: attributes.optional(),
        param: attributes.optional(),
        inputs: z.array(z.array(z.int().min(0)).min(2)),
      }),
    )
    .max(100_000),
  heads: z.array(z.array(z.int().min(0)).min(2)).length(1),
})

const { FLOAT } = TensorProto_DataType
const SIZE = 112

/**
 * An ONNX model of a face embedder of MXNet's: `model-symbol.json` and the weights of `model-0000.params`. Takes images
 * N x 3 x 112 x 112 as the network does; its one output is `embedding`.
 * @throws FilesError FILES_READ; DataError DATA_WEIGHTS for operators that are not known here, and weights
 *   that are missing
 */
export function mxnetToOnnx(symbolPath: string, weights: Weights): ModelProto {
  const fail = (why: string): never => {
    throw new DataError('DATA_WEIGHTS', `${symbolPath}: ${why}`)
  }
  const { nodes, heads } = readSymbol(symbolPath, fail)
  const named: ReadonlyMap<string, Weight> = new Map(
    [...weights].map(([name, one]) => [name.replace(/^(arg|aux):/, ''), one]),
  )
  const weight = (name: string): FloatWeight => {
    const { data, dtype, shape } = named.get(name) ?? fail(`the weights lack ${name}`)
    if (data instanceof Float32Array) return { data, shape }
    return fail(`the weights ${name} are ${dtype}, but float32 is expected`)
  }
  const values: string[] = []
  const added = new Added()
  for (const { op, name, inputs, attrs, attr, param } of nodes) {
    if (op === 'null') {
      values.push(name)
      continue
    }
    const convert = converters[op]
    if (convert === undefined)
      return fail(
        `operator ${op} (${name}) is not known; known are ${Object.keys(converters).join(', ')}`,
      )
    if (inputs.length === 0) return fail(`${name} has no input`)
    const node: MxnetNode = {
      name,
      attributes: attrs ?? attr ?? param ?? {},
      inputs: inputs.map(([from]) => values[from!] ?? fail(`${name} uses a node after it`)),
      weight,
      fail,
    }
    values.push(convert(node, added))
  }
  const output = values[heads[0]![0]!] ?? fail('its head is missing')
  return build(added, weight, values[0]!, output)
}

function readSymbol(path: string, fail: (why: string) => never): z.infer<typeof symbolSchema> {
  const bytes = readWhole(path)
  try {
    return symbolSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return fail('this is no symbol file of MXNet with one output')
  }
}

function build(
  added: Added,
  weight: (name: string) => FloatWeight,
  input: string,
  output: string,
): ModelProto {
  const { graph, read, made } = added
  graph.input(input, FLOAT, ['batch', 3, SIZE, SIZE])
  graph.output(added.node('Identity', [output], 'embedding'), FLOAT, ['batch', 'dim'])
  for (const name of read) {
    if (name === input || made.has(name)) continue
    const { data, shape } = weight(name)
    graph.constant(data, shape, name)
  }
  return graph.model()
}
