import {
  autocast,
  type DType,
  type Handle,
  type nn,
  noGrad,
  ops,
  type Raw,
  scope,
  type Tensor,
  tensor,
  trace,
} from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { Call, floatsOf, isHandle, shapeOf } from './call.js'
import { converters } from './converters.js'
import { Graph, type Value } from './graph.js'

export const INPUT = 'input'
export const OUTPUT = 'embedding'

export interface Recording {
  graph: Graph
  output: Value
  /** Length of an embedding. */
  dim: number
  shapes: Shapes
}

/** The shape of each operator's result, in the order they run. */
export type Shapes = readonly (readonly number[])[]

/**
 * Runs one forward pass on `batch` images and writes down, as ONNX nodes, every operator that meets the
 * input. The module should be in eval mode.
 * @param others the shapes with another number of images, which tell the sides that depend on it
 */
export function record(module: nn.Module, batch: number, side: number, others: Shapes): Recording {
  const state = module.stateDict()
  const graph = new Graph(INPUT, OUTPUT, state.keys())
  const weights = new Map([...state].map(([name, { handle }]) => [handle, name]))
  const values = new Map<Handle, Value>() // what each tensor is in the graph
  const flowing = new Set<Handle>() // tensors that depend on the input

  const resolve = (handle: Handle): Value => {
    const known = values.get(handle)
    if (known) return known
    const name = weights.get(handle)
    const shape = shapeOf(handle)
    const value =
      name === undefined
        ? graph.floats(floatsOf(handle), shape) // made on the way: gone when the file is written
        : graph.weight(name, { type: 'float32', shape, weight: true, data: () => floatsOf(handle) })
    values.set(handle, value)
    return value
  }

  const flows = (raw: Raw): boolean =>
    Array.isArray(raw) ? raw.some(flows) : isHandle(raw) && flowing.has(raw)

  const shapes: number[][] = []
  let writing = false // reading a weight's numbers dispatches operators too
  const onCall = (name: string, args: readonly Raw[], result: Raw): void => {
    if (writing) return
    writing = true
    const other = others[shapes.length]
    shapes.push(shapeOfResult(result))
    write(name, args, result, other)
    writing = false
  }
  const write = (
    name: string,
    args: readonly Raw[],
    result: Raw,
    other: readonly number[] | undefined,
  ): void => {
    if (!args.some(flows) && !spreads(name, args, batch)) return
    const converter = converters.get(name)
    if (!converter || !isHandle(result)) throw unsupported(name)
    values.set(result, converter(new Call(name, graph, args, result, resolve, other)))
    flowing.add(result)
  }

  return withoutGraph(() => {
    const input = example(module, batch, side)
    values.set(input.handle, normalised(graph))
    flowing.add(input.handle)
    const output = trace(onCall, () => module.call(input))
    const [rows, dim, ...more] = output.shape
    if (rows !== batch || dim === undefined || more.length > 0)
      throw new TrainError(
        'TRAIN_EXPORT',
        `the network makes [${output.shape.join(', ')}] of ${batch} images; an embedding is [images, values]`,
      )
    if (!flowing.has(output.handle))
      throw new TrainError('TRAIN_EXPORT', 'the output of the network does not depend on its input')
    return { graph, output: resolve(output.handle), dim, shapes }
  })
}

/** The shapes of a forward pass on `batch` images. */
export function shapesWith(module: nn.Module, batch: number, side: number): Shapes {
  const shapes: number[][] = []
  withoutGraph(() => {
    const input = example(module, batch, side)
    trace(
      (_name, _args, result) => shapes.push(shapeOfResult(result)),
      () => module.call(input),
    )
  })
  return shapes
}

const shapeOfResult = (result: Raw): number[] => (isHandle(result) ? shapeOf(result) : [])

/** Whether it repeats something, such as a class token, for each image. */
function spreads(name: string, [one, sides]: readonly Raw[], batch: number): boolean {
  if (name !== 'aten::expand' || !isHandle(one) || !Array.isArray(sides)) return false
  const shape = shapeOf(one)
  return sides[0] === batch && (shape.length < sides.length || shape[0] === 1)
}

/** No gradients, no autocast, nothing left behind. */
const withoutGraph = <T>(body: () => T): T => noGrad(() => autocast(null, () => scope(body)))

/** (p - 127.5) / 127.5 of pixels 0..255, in front of the network. */
function normalised(graph: Graph): Value {
  const centred = graph.add('Sub', [graph.input, graph.floats([127.5], [])])
  return graph.add('Mul', [centred, graph.floats([1 / 127.5], [])])
}

/** Images that differ from each other and between batch sizes; they leave the random state alone. */
function example(module: nn.Module, batch: number, side: number): Tensor {
  const values = new Float32Array(batch * 3 * side * side)
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i * 0.7 + batch)
  const [first] = module.parameters()
  const dtype: DType = first?.dtype ?? 'float32'
  return ops.to(tensor(values, [batch, 3, side, side]), first?.device ?? 'cpu', dtype)
}

function unsupported(name: string): TrainError {
  const inPlace = /_(\.|$)/.test(name)
    ? ` It changes a tensor in place: the operator without the underscore may have a conversion.`
    : ''
  return new TrainError(
    'TRAIN_EXPORT',
    `${name} has no conversion to ONNX.${inPlace} Add a function for it to the table in packages/train/src/export/converters.ts (or converters.set('${name}', ...)), or build the network from: ${[...converters.keys()].join(', ')}`,
  )
}
