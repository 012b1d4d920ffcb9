import type { Attributes } from '@arcface/onnx'

/** Values that the file holds; read when the file is written. */
export interface Constant {
  readonly type: 'float32' | 'int64'
  readonly shape: readonly number[]
  /** Set for parameters and buffers of the network; all others were made by its forward pass. */
  readonly weight?: true
  data(): Float32Array | BigInt64Array
}

/** What flows between nodes: the input, a node's output or a constant. */
export interface Value {
  readonly name: string
  readonly constant?: Constant
}

export interface Node {
  readonly type: string
  /** null: an optional input that is left out. */
  readonly inputs: readonly (Value | null)[]
  readonly attributes: Attributes
  readonly output: Value
}

/**
 * What a forward pass is made of, in the order it runs. Unlike a graph of @arcface/onnx it holds no numbers: two passes
 * are recorded and compared, and weights are read once, when the file is written.
 */
export class Graph {
  readonly input: Value
  readonly nodes: Node[] = []
  readonly #taken: Set<string>
  readonly #reserved: ReadonlySet<string>
  readonly #weights = new Map<string, Value>()

  /** @param weights names that only weights may take */
  constructor(input: string, output: string, weights: Iterable<string> = []) {
    this.input = { name: input }
    this.#taken = new Set([input, output])
    this.#reserved = new Set(weights)
  }

  add(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    const output = { name: this.#unique(`${type}_${this.nodes.length}`) }
    this.nodes.push({ type, inputs, attributes, output })
    return output
  }

  /** A weight under its own name, or a like one where the graph uses it in two shapes. */
  weight(name: string, constant: Constant): Value {
    const key = `${name} [${constant.shape.join()}]`
    const known = this.#weights.get(key)
    if (known) return known
    const free = !this.#taken.has(name)
    const value = { name: free ? name : this.#unique(name), constant }
    this.#taken.add(name)
    this.#weights.set(key, value)
    return value
  }

  floats(values: ArrayLike<number>, shape: readonly number[]): Value {
    const data = () => Float32Array.from(values)
    return { name: this.#unique('constant'), constant: { type: 'float32', shape, data } }
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const data = () => BigInt64Array.from(values, BigInt)
    return { name: this.#unique('shape'), constant: { type: 'int64', shape, data } }
  }

  #unique(wanted: string): string {
    let name = wanted
    for (let i = 1; this.#taken.has(name) || this.#reserved.has(name); i++) name = `${wanted}_${i}`
    this.#taken.add(name)
    return name
  }
}
