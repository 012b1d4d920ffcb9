import { externalFiles, type ModelProto, numbersOf, type TensorProto } from '@arcface/onnx'
import { GraphNode, type Numbers } from './node.js'
import { refuse } from './refuse.js'

/** What of a model leads from its image to its embedding. */
export interface ImageGraph {
  readonly input: string
  readonly output: string
  /** Each after those whose results it reads. */
  readonly nodes: readonly GraphNode[]
  /** Numbers that the file holds, by name, of those that a node reads. */
  readonly held: ReadonlyMap<string, Held>
}

export interface Held extends Numbers {
  /** An initialiser, which is how files hold weights; otherwise a node `Constant`. */
  readonly initializer: boolean
}

/**
 * Reads the nodes that `output` needs.
 * @throws TrainError TRAIN_IMPORT for names that nothing defines or two things do, circles, and weights in other files
 */
export function readGraph(model: ModelProto, input: string, output: string): ImageGraph {
  if (externalFiles(model, 'the graph').length > 0)
    refuse(
      'its weights lie in another file beside it',
      'merge them into one: onnx.save(onnx.load(FILE), OTHER)',
    )
  const { node = [], initializer = [], sparseInitializer = [] } = model.graph ?? {}
  if (sparseInitializer.length > 0) refuse('it holds sparse tensors')
  const opset = Number(
    model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n,
  )
  const makers = new Map<string, GraphNode>()
  const tensors = new Map<string, TensorProto>(initializer.map((one) => [one.name, one]))
  for (const proto of node) {
    const { domain, opType, input: inputs, output: outputs, name, attribute } = proto
    const type = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`
    const made = new GraphNode(type, name || outputs[0] || '', inputs, outputs, opset, attribute)
    for (const result of outputs) {
      if (result === '') continue
      if (makers.has(result) || tensors.has(result) || result === input)
        made.refuse(`its result "${result}" is made twice`)
      makers.set(result, made)
    }
  }
  const held = new Map<string, Held>()
  const nodes: GraphNode[] = []
  for (const one of inOrder(makers, output)) {
    if (one.type !== 'Constant') nodes.push(one)
    else held.set(one.outputs[0] as string, { ...constantOf(one), initializer: false })
    for (const name of one.inputs) {
      if (name === '' || name === input || makers.has(name) || held.has(name)) continue
      const tensor = tensors.get(name)
      if (!tensor) return one.refuse(`nothing defines its input "${name}"`)
      const shape = tensor.dims.map(Number)
      held.set(name, { shape, values: numbersOf(tensor), initializer: true })
    }
  }
  if (nodes.length === 0) refuse(`no node makes its output "${output}"`)
  return { input, output, nodes, held }
}

function constantOf(node: GraphNode): Numbers {
  const tensor = node.numbers('value')
  if (tensor) return tensor
  const [float, floats] = [node.has('value_float'), node.floats('value_floats')]
  if (float) return { shape: [], values: Float32Array.of(node.float('value_float', 0)) }
  if (floats?.length) return { shape: [floats.length], values: Float32Array.from(floats) }
  const [int, ints] = [node.has('value_int'), node.ints('value_ints')]
  if (int) return { shape: [], values: BigInt64Array.of(BigInt(node.int('value_int', 0))) }
  if (ints) return { shape: [ints.length], values: BigInt64Array.from(ints, BigInt) }
  return node.refuse('it holds no numbers')
}

/** The nodes that a value needs, each after those it reads. */
function inOrder(makers: ReadonlyMap<string, GraphNode>, output: string): GraphNode[] {
  const ordered: GraphNode[] = []
  const state = new Map<GraphNode, 'open' | 'done'>()
  const stack = [makers.get(output)]
  while (stack.length > 0) {
    const one = stack.at(-1)
    if (one === undefined || state.get(one) === 'done') {
      stack.pop()
      continue
    }
    if (state.get(one) === 'open') {
      state.set(one, 'done')
      ordered.push(one)
      stack.pop()
      continue
    }
    state.set(one, 'open')
    for (const name of one.inputs) {
      const maker = makers.get(name)
      if (maker && state.get(maker) === 'open') maker.refuse('it needs its own result: a circle')
      if (maker) stack.push(maker)
    }
  }
  return ordered
}
