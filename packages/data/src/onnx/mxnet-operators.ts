import { type Attributes, GraphBuilder } from '@arcface/onnx'

/** Weights as the file of a network holds them. */
export interface FloatWeight {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A node of MXNet's graph. */
export interface MxnetNode {
  name: string
  attributes: Readonly<Record<string, string>>
  /** Names of the values that go in; of weights, their names without `arg:` and `aux:`. */
  inputs: readonly string[]
  /** A weight by its name. @throws DataError if there is none */
  weight(name: string): FloatWeight
  fail(why: string): never
}

/** What converters add to. */
export class Added {
  readonly graph = new GraphBuilder('mxnet', { producer: 'arcface' })
  /** Names of all that nodes read. */
  readonly read = new Set<string>()
  /** Names of what nodes give, and of constants that stand for weights in another form than the file's. */
  readonly made = new Set<string>()

  /** Returns the name of its result. */
  node(op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    for (const name of inputs) this.read.add(name)
    this.made.add(output)
    // InsightFace's loader looks for Sub and Mul at the beginning of names.
    return this.graph.add(op, inputs, attributes, { output, name: `${op}_${output}` })
  }

  constant(name: string, data: Float32Array, shape: readonly number[]): string {
    this.made.add(name)
    return this.graph.constant(data, shape, name)
  }
}

/** Adds what stands for a node; gives the name of its output. */
type Converter = (node: MxnetNode, added: Added) => string

/** Attributes of a node as numbers. */
const numbers = ({ name, attributes, fail }: MxnetNode) => ({
  /** `(3, 3)` */
  tuple(key: string, otherwise: number[]): number[] {
    const found = attributes[key]?.match(/\d+/g)?.map(Number) ?? otherwise
    return found.every((one) => one <= LARGEST) ? found : fail(`${name} has ${key} ${found}`)
  },
  /** `0.25` */
  float(key: string, otherwise: number): number {
    const found = Number(attributes[key] ?? otherwise)
    return isFloat32(found) ? found : fail(`${name} has ${key} ${attributes[key]}`)
  },
})
/** Sizes and strides of an image of 112 x 112 are far below. */
const LARGEST = 1e6
const isFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value))
const isTrue = (text: string | undefined): boolean => /^(true|1)$/i.test(text ?? '')

const single =
  (op: string): Converter =>
  ({ name, inputs }, added) =>
    added.node(op, inputs, name)

const withScalar =
  (op: string): Converter =>
  ({ name, inputs, attributes, fail }, added) => {
    const value = Number(attributes.scalar)
    if (!isFloat32(value)) fail(`${name} has no number`)
    const scalar = added.constant(`${name}_scalar`, Float32Array.of(value), [1])
    return added.node(op, [inputs[0]!, scalar], name)
  }

/** In use a network does not drop anything. */
const unchanged: Converter = ({ inputs }) => inputs[0]!

const convolution: Converter = (node, added) => {
  const { name, inputs, attributes } = node
  const { tuple } = numbers(node)
  const pad = tuple('pad', [0, 0])
  return added.node('Conv', isTrue(attributes.no_bias) ? inputs.slice(0, 2) : inputs, name, {
    kernel_shape: { ints: tuple('kernel', [1, 1]) },
    strides: { ints: tuple('stride', [1, 1]) },
    dilations: { ints: tuple('dilate', [1, 1]) },
    pads: { ints: [...pad, ...pad] },
    group: { int: tuple('num_group', [1])[0]! },
  })
}

/** MXNet's own defaults: epsilon 0.001, and gamma counts as 1 unless `fix_gamma` is false. */
const batchNorm: Converter = (node, added) => {
  const { name, inputs, attributes, weight } = node
  const [x, gamma, ...rest] = inputs
  let scale = gamma!
  if (isTrue(attributes.fix_gamma ?? 'True')) {
    const { shape, data } = weight(gamma!)
    scale = added.constant(`${name}_ones`, new Float32Array(data.length).fill(1), shape)
  }
  const epsilon = { float: numbers(node).float('eps', 1e-3) }
  return added.node('BatchNormalization', [x!, scale, ...rest], name, { epsilon })
}

const leakyRelu: Converter = (node, added) => {
  const { name, inputs, attributes, weight, fail } = node
  const [x, gamma] = inputs
  const kind = attributes.act_type ?? 'leaky'
  if (kind === 'leaky') {
    const alpha = { float: numbers(node).float('slope', 0.25) }
    return added.node('LeakyRelu', [x!], name, { alpha })
  }
  if (kind !== 'prelu') return fail(`${name}: a LeakyReLU of kind ${kind} is not known`)
  const { data } = weight(gamma!)
  // One a channel: along the second dimension of N x C x H x W.
  const slope = added.constant(`${name}_slope`, data, [data.length, 1, 1])
  return added.node('PRelu', [x!, slope], name)
}

const fullyConnected: Converter = ({ name, inputs, attributes }, added) => {
  const [x, ...weights] = inputs
  const flat = added.node('Flatten', [x!], `${name}_flat`, { axis: { int: 1 } })
  const used = isTrue(attributes.no_bias) ? weights.slice(0, 1) : weights
  return added.node('Gemm', [flat, ...used], name, { transB: { int: 1 } })
}

const activation: Converter = ({ name, inputs, attributes, fail }, added) => {
  const op = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' }[attributes.act_type ?? '']
  return added.node(
    op ?? fail(`${name}: an Activation of kind ${attributes.act_type} is not known`),
    inputs,
    name,
  )
}

/** MXNet's operators that face embedders are made of. */
export const converters: Readonly<Record<string, Converter | undefined>> = {
  Convolution: convolution,
  BatchNorm: batchNorm,
  LeakyReLU: leakyRelu,
  Activation: activation,
  FullyConnected: fullyConnected,
  Flatten: single('Flatten'),
  Dropout: unchanged,
  _copy: unchanged,
  elemwise_add: single('Add'),
  broadcast_add: single('Add'),
  _Plus: single('Add'),
  elemwise_mul: single('Mul'),
  broadcast_mul: single('Mul'),
  _minus_scalar: withScalar('Sub'),
  _plus_scalar: withScalar('Add'),
  _mul_scalar: withScalar('Mul'),
  _div_scalar: withScalar('Div'),
}
