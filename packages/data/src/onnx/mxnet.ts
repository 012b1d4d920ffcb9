import { readWhole } from '@arcface/files'
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'
import { z } from 'zod'
import { DataError } from '../errors.js'
import type { Weight, Weights } from '../weights/tensor.js'
import { type Added, converters, type MxnetNode } from './mxnet-operators.js'

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

const SIZE = 112

/**
 * An ONNX model of a face embedder of MXNet's: `model-symbol.json` and the weights of `model-0000.params`. Takes images
 * N x 3 x 112 x 112 as the network does; its one output is `embedding`.
 * @throws FilesError FILES_READ; DATA_WEIGHTS for operators that are not known here, and weights that are missing
 */
export function mxnetToOnnx(symbolPath: string, weights: Weights): ModelProto {
  const fail = (why: string): never => {
    throw new DataError('DATA_WEIGHTS', `${symbolPath}: ${why}`)
  }
  const { nodes, heads } = readSymbol(symbolPath, fail)
  const named: ReadonlyMap<string, Weight> = new Map(
    [...weights].map(([name, one]) => [name.replace(/^(arg|aux):/, ''), one]),
  )
  const weight = (name: string): Weight => named.get(name) ?? fail(`the weights lack ${name}`)
  const values: string[] = []
  const added: Added = { nodes: [], initializers: new Map() }
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
  { nodes, initializers }: Added,
  weight: (name: string) => Weight,
  input: string,
  output: string,
): ModelProto {
  const made = new Set([input, ...nodes.map((node) => node.output)])
  for (const name of new Set(nodes.flatMap((node) => node.inputs)))
    if (!made.has(name) && !initializers.has(name)) initializers.set(name, weight(name))
  const value = (name: string, dims: (number | string)[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: TensorProto_DataType.FLOAT,
            shape: {
              dim: dims.map((one) => ({
                value:
                  typeof one === 'number'
                    ? { case: 'dimValue' as const, value: BigInt(one) }
                    : { case: 'dimParam' as const, value: one },
              })),
            },
          },
        },
      },
    })
  nodes.push({ op: 'Identity', inputs: [output], output: 'embedding', attributes: {} })
  return create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    producerName: 'arcface',
    graph: {
      name: 'mxnet',
      node: nodes.map(({ op, inputs, output, attributes }) =>
        create(NodeProtoSchema, {
          // InsightFace's loader looks for Sub and Mul at the beginning of names.
          name: `${op}_${output}`,
          opType: op,
          input: [...inputs],
          output: [output],
          attribute: Object.entries(attributes).map(([name, given]) => attribute(name, given)),
        }),
      ),
      initializer: [...initializers].map(([name, { shape, data }]) =>
        create(TensorProtoSchema, {
          name,
          dims: shape.map(BigInt),
          dataType: TensorProto_DataType.FLOAT,
          rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        }),
      ),
      input: [value(input, ['batch', 3, SIZE, SIZE])],
      output: [value('embedding', ['batch', 'dim'])],
    },
  })
}

/** A list or a whole number stays one; `{ float }` is a number with a fraction. */
function attribute(name: string, given: number | number[] | { float: number }) {
  if (typeof given === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(given) })
  if (Array.isArray(given))
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.INTS,
      ints: given.map(BigInt),
    })
  return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: given.float })
}
