import type { Weight } from '../weights/tensor.js'

/** A node of MXNet's graph. */
export interface MxnetNode {
  name: string
  attributes: Readonly<Record<string, string>>
  /** Names of the values that go in; of weights, their names without `arg:` and `aux:`. */
  inputs: readonly string[]
  /** A weight by its name. @throws DataError if there is none */
  weight(name: string): Weight
  fail(why: string): never
}

/** What converters add to. */
export interface Added {
  nodes: {
    op: string
    inputs: readonly string[]
    output: string
    attributes: Record<string, number | number[] | { float: number }>
  }[]
  /** Constants, and weights in another form than the file's. */
  initializers: Map<string, Weight>
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
    return Number.isFinite(found) ? found : fail(`${name} has ${key} ${attributes[key]}`)
  },
})
/** Sizes and strides of an image of 112 x 112 are far below. */
const LARGEST = 1e6
const isTrue = (text: string | undefined): boolean => /^(true|1)$/i.test(text ?? '')

const single =
  (op: string): Converter =>
  ({ name, inputs }, { nodes }) => {
    nodes.push({ op, inputs, output: name, attributes: {} })
    return name
  }

const withScalar =
  (op: string): Converter =>
  ({ name, inputs, attributes, fail }, { nodes, initializers }) => {
    const value = Number(attributes.scalar)
    if (!Number.isFinite(value)) fail(`${name} has no number`)
    const constant = `${name}_scalar`
    initializers.set(constant, { dtype: 'float32', shape: [1], data: Float32Array.of(value) })
    nodes.push({ op, inputs: [inputs[0]!, constant], output: name, attributes: {} })
    return name
  }

/** In use a network does not drop anything. */
const unchanged: Converter = ({ inputs }) => inputs[0]!

const convolution: Converter = (node, { nodes }) => {
  const { name, inputs, attributes } = node
  const { tuple } = numbers(node)
  const pad = tuple('pad', [0, 0])
  nodes.push({
    op: 'Conv',
    inputs: isTrue(attributes.no_bias) ? inputs.slice(0, 2) : inputs,
    output: name,
    attributes: {
      kernel_shape: tuple('kernel', [1, 1]),
      strides: tuple('stride', [1, 1]),
      dilations: tuple('dilate', [1, 1]),
      pads: [...pad, ...pad],
      group: tuple('num_group', [1])[0]!,
    },
  })
  return name
}

/** MXNet's own defaults: epsilon 0.001, and gamma counts as 1 unless `fix_gamma` is false. */
const batchNorm: Converter = (node, { nodes, initializers }) => {
  const { name, inputs, attributes, weight } = node
  const [x, gamma, ...rest] = inputs
  let scale = gamma!
  if (isTrue(attributes.fix_gamma ?? 'True')) {
    scale = `${name}_ones`
    const { shape, data } = weight(gamma!)
    initializers.set(scale, {
      dtype: 'float32',
      shape,
      data: new Float32Array(data.length).fill(1),
    })
  }
  nodes.push({
    op: 'BatchNormalization',
    inputs: [x!, scale, ...rest],
    output: name,
    attributes: { epsilon: { float: numbers(node).float('eps', 1e-3) } },
  })
  return name
}

const leakyRelu: Converter = (node, { nodes, initializers }) => {
  const { name, inputs, attributes, weight, fail } = node
  const [x, gamma] = inputs
  const kind = attributes.act_type ?? 'leaky'
  if (kind === 'leaky') {
    const alpha = { float: numbers(node).float('slope', 0.25) }
    nodes.push({ op: 'LeakyRelu', inputs: [x!], output: name, attributes: { alpha } })
  } else if (kind === 'prelu') {
    const slope = `${name}_slope`
    const { data } = weight(gamma!)
    // One a channel: along the second dimension of N x C x H x W.
    initializers.set(slope, { dtype: 'float32', shape: [data.length, 1, 1], data })
    nodes.push({ op: 'PRelu', inputs: [x!, slope], output: name, attributes: {} })
  } else fail(`${name}: a LeakyReLU of kind ${kind} is not known`)
  return name
}

const fullyConnected: Converter = ({ name, inputs, attributes }, { nodes }) => {
  const [x, ...weights] = inputs
  const flat = `${name}_flat`
  nodes.push({ op: 'Flatten', inputs: [x!], output: flat, attributes: { axis: 1 } })
  const used = isTrue(attributes.no_bias) ? weights.slice(0, 1) : weights
  nodes.push({ op: 'Gemm', inputs: [flat, ...used], output: name, attributes: { transB: 1 } })
  return name
}

const activation: Converter = ({ name, inputs, attributes, fail }, { nodes }) => {
  const op = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' }[attributes.act_type ?? '']
  nodes.push({
    op: op ?? fail(`${name}: an Activation of kind ${attributes.act_type} is not known`),
    inputs,
    output: name,
    attributes: {},
  })
  return name
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
