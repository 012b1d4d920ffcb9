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

/** Where a value is read: which node, and at which of its inputs. */
export interface Read {
  readonly node: GraphNode
  readonly slot: number
}

/** Where each value is read, in the order of the nodes. */
export function readsOf({ nodes }: ImageGraph): ReadonlyMap<string, readonly Read[]> {
  const reads = new Map<string, Read[]>()
  for (const node of nodes)
    for (const [slot, name] of node.inputs.entries()) {
      const known = reads.get(name)
      if (known) known.push({ node, slot })
      else reads.set(name, [{ node, slot }])
    }
  return reads
}

/** The largest embedders have some thousands. */
const MOST = 100_000

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
  const reads = node.reduce((sum, one) => sum + one.input.length + one.output.length, 0)
  if (reads > MOST)
    refuse(`its ${node.length} nodes read and make ${reads} values, more than any network`)
  const opset = Number(
    model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n,
  )
  const makers = new Map<string, GraphNode>()
  const tensors = new Map<string, TensorProto>(initializer.map((one) => [one.name, one]))
  for (const proto of node) {
    const { domain, opType, input: inputs, output: outputs, name, attribute } = proto
    const type = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`
    const label = name || outputs[0] || ''
    const settings = attribute.map((one) => [one.name, one] as const)
    const made = new GraphNode(type, label, inputs, outputs, opset, settings)
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

/** The nodes that a value needs, each after those it reads, else in the order of the file. */
function inOrder(makers: ReadonlyMap<string, GraphNode>, output: string): GraphNode[] {
  const before = ({ inputs }: GraphNode) => inputs.flatMap((name) => makers.get(name) ?? [])
  const needed = new Set<GraphNode>()
  const found = [makers.get(output)]
  while (found.length > 0) {
    const one = found.pop()
    if (!one || needed.has(one)) continue
    needed.add(one)
    for (const maker of before(one)) found.push(maker)
  }
  const ordered = new Set<GraphNode>()
  const open = new Set<GraphNode>()
  for (const first of new Set(makers.values())) {
    const stack: { one: GraphNode; waits: GraphNode[] }[] = []
    const enter = (one: GraphNode) => {
      if (ordered.has(one)) return
      if (open.has(one)) one.refuse('it needs its own result: a circle')
      open.add(one)
      stack.push({ one, waits: before(one).reverse() })
    }
    if (needed.has(first)) enter(first)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.waits.pop()
      if (next) enter(next)
      else {
        ordered.add(top.one)
        open.delete(top.one)
        stack.pop()
      }
    }
  }
  return [...ordered]
}
