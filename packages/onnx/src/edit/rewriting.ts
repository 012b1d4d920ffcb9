import { type Attributes, type Numbers, node, tensor } from '../build/parts.js'
import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
} from '../generated/onnx_pb.js'
import { numbersOf } from '../model/numbers.js'

/** A model while its graph is rewritten: nodes in the order they run, constants by name. It changes the model given. */
export class Rewriting {
  readonly constants: Map<string, TensorProto>
  private readonly taken: Set<string>

  constructor(readonly model: ModelProto) {
    const { node, initializer, input } = this.graph
    this.constants = new Map(initializer.map((one) => [one.name, one]))
    this.taken = new Set([
      ...this.constants.keys(),
      ...input.map(({ name }) => name),
      ...node.flatMap(({ name, output }) => [name, ...output]),
    ])
    this.graph.input = input.filter(({ name }) => !this.constants.has(name))
    this.gatherConstants()
  }

  /** Nodes that are constants become initialisers. */
  private gatherConstants(): void {
    this.graph.node = this.nodes.filter((node) => {
      const [name] = node.output
      const value = attributeOf(node, 'value')?.t
      if (node.opType !== 'Constant' || name === undefined || !value) return true
      this.constants.set(name, Object.assign(value, { name }))
      return false
    })
  }

  get graph(): GraphProto {
    return this.model.graph!
  }

  get nodes(): NodeProto[] {
    return this.graph.node
  }

  /** A name like the one wanted that nothing has yet. */
  name(wanted: string): string {
    let name = wanted
    for (let i = 1; this.taken.has(name); i++) name = `${wanted}_${i}`
    this.taken.add(name)
    return name
  }

  /** Adds a constant; returns its name. */
  constant(wanted: string, data: Numbers, shape: readonly number[]): string {
    const name = this.name(wanted)
    this.constants.set(name, tensor(name, data, shape))
    return name
  }

  /** The floats of a constant; undefined where there is no constant of floats by this name. */
  floats(name: string | undefined): { data: Float32Array; shape: number[] } | undefined {
    const found = name === undefined ? undefined : this.constants.get(name)
    const data = found && numbersOf(found)
    return data instanceof Float32Array ? { data, shape: found!.dims.map(Number) } : undefined
  }

  /** The whole numbers of a constant; undefined where there is no such constant of them. */
  integers(name: string): BigInt64Array | undefined {
    const found = this.constants.get(name)
    const data = found && numbersOf(found)
    return data instanceof BigInt64Array ? data : undefined
  }

  /** A node whose result is called as wanted, or like it; it stands nowhere yet. */
  node(type: string, inputs: readonly string[], wanted: string, attributes: Attributes = {}) {
    return node(type, inputs, this.name(wanted), attributes)
  }

  /** The only node that reads a value which is no output of the graph; undefined where there are more, or none. */
  onlyReader(name: string): NodeProto | undefined {
    if (this.isOutput(name)) return undefined
    const readers = this.readers(name)
    return readers.length === 1 && readers[0]!.input.filter((one) => one === name).length === 1
      ? readers[0]
      : undefined
  }

  readers(name: string): NodeProto[] {
    return this.nodes.filter(({ input }) => input.includes(name))
  }

  isOutput(name: string): boolean {
    return this.graph.output.some((one) => one.name === name)
  }

  /** The node that gives a value; undefined for constants and inputs. */
  giver(name: string): NodeProto | undefined {
    return this.nodes.find(({ output }) => output.includes(name))
  }

  /** Lets all that read one value read another. */
  rename(from: string, to: string): void {
    for (const { input } of this.nodes)
      input.forEach((name, i) => {
        if (name === from) input[i] = to
      })
  }

  /** The model, with the constants that are read. */
  finish(): ModelProto {
    const read = new Set([
      ...this.nodes.flatMap(({ input }) => input),
      ...this.graph.output.map(({ name }) => name),
    ])
    this.graph.initializer = [...this.constants.values()].filter(({ name }) => read.has(name))
    this.graph.valueInfo = []
    return this.model
  }
}

export const attributeOf = ({ attribute }: NodeProto, name: string): AttributeProto | undefined =>
  attribute.find((one) => one.name === name)

export const floatOf = (from: NodeProto, name: string, otherwise: number): number =>
  attributeOf(from, name)?.f ?? otherwise

export const integerOf = (from: NodeProto, name: string, otherwise: number): number =>
  Number(attributeOf(from, name)?.i ?? otherwise)
