import { create } from '@bufbuild/protobuf'
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type TensorProto_DataType,
  type ValueInfoProto,
} from '../generated/onnx_pb.js'
import { setMetadata } from '../metadata/metadata.js'
import { encodeModel } from '../model/model.js'
import { type Attributes, type Numbers, node, type Shape, tensor, valueInfo } from './parts.js'

export interface GraphOptions {
  /** What the file says made it. */
  readonly producer?: string
  /** Of ONNX's own operators. Default: 17, of ONNX 1.12 (2022), with the IR version of that time, 8. */
  readonly opset?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * A model while it is being built: nodes in the order they run, each with one output, that name each other's results;
 * constants; what goes in and out. Names are the caller's to keep apart where they give them.
 */
export class GraphBuilder {
  private readonly nodes: NodeProto[] = []
  private readonly constants: TensorProto[] = []
  private readonly inputs: ValueInfoProto[] = []
  private readonly outputs: ValueInfoProto[] = []

  constructor(
    private readonly name: string,
    private readonly options: GraphOptions = {},
  ) {}

  /** Declares an input of the graph; returns its name. */
  input(name: string, type: TensorProto_DataType, shape?: Shape): string {
    this.inputs.push(valueInfo(name, type, shape))
    return name
  }

  /** Declares that a node's result is an output of the graph. */
  output(name: string, type: TensorProto_DataType, shape?: Shape): void {
    this.outputs.push(valueInfo(name, type, shape))
  }

  /**
   * Adds a node; returns the name of its result. The node is called by its type and number, such as `Mul_1`, and its
   * result as the node, unless they are given.
   */
  add(
    type: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    names: { readonly output?: string; readonly name?: string } = {},
  ): string {
    const { name = `${type}_${this.nodes.length}`, output = name } = names
    this.nodes.push(node(type, inputs, output, attributes, name))
    return output
  }

  /** Adds a constant (an initialiser), row-major, a view of the numbers given; returns its name. */
  constant(
    data: Numbers,
    shape: readonly number[],
    name = `constant_${this.constants.length}`,
  ): string {
    this.constants.push(tensor(name, data, shape))
    return name
  }

  /** A single float32. */
  number(x: number): string {
    return this.constant(Float32Array.of(x), [])
  }

  /** A list of int64, as shapes are given. */
  integers(numbers: readonly number[]): string {
    return this.constant(BigInt64Array.from(numbers, BigInt), [numbers.length])
  }

  model(): ModelProto {
    const { producer, opset = 17, metadata } = this.options
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      ...(producer !== undefined && { producerName: producer }),
      opsetImport: [{ version: BigInt(opset) }],
      graph: {
        name: this.name,
        node: this.nodes,
        initializer: this.constants,
        input: this.inputs,
        output: this.outputs,
      },
    })
    if (metadata) setMetadata(model, metadata)
    return model
  }

  /** The bytes of the model. */
  encode(): Uint8Array {
    return encodeModel(this.model())
  }
}
