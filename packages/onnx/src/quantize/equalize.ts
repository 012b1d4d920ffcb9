import { clone } from '@bufbuild/protobuf'
import { Rewriting } from '../edit/rewriting.js'
import { type ModelProto, ModelProtoSchema, type NodeProto } from '../generated/onnx_pb.js'
import { boundsOf, clipOf } from './bounds.js'
import type { Range } from './integers.js'
import { hasConstantWeights } from './product.js'

/** The range of each channel of an image, or of all of a row as of one channel. */
export type ChannelRanges = readonly Range[]

/** Channels are never made larger than so many times. */
const LARGEST = 64
/** Give what they take, channel by channel, times any positive number. */
const SCALE_ALONG = new Set(['AveragePool', 'GlobalAveragePool', 'LeakyRelu', 'MaxPool', 'Relu'])

/**
 * Makes the channels of each value alike in range, so that 256 steps for all of them serve each (Nagel and others 2019,
 * "Data-free quantization", 4.1, here by the ranges that faces make): what a convolution gives is multiplied by a number
 * a channel, within its weights, and what reads it divides by it, within its own. The network computes the same as
 * before, but for values beyond those measured where a bound other than 0 lies between.
 *
 * @param model of `prepareInt8`; only read
 * @param channels of the values that `valuesToMeasure` names
 * @returns the model, and the ranges that its values have
 */
export function equalize(
  model: ModelProto,
  channels: ReadonlyMap<string, ChannelRanges>,
): { model: ModelProto; ranges: Map<string, Range> } {
  const graph = new Rewriting(clone(ModelProtoSchema, model))
  const groups = groupsOf(graph, channels)
  const scalesOf = (name: string) => groups.get(name)?.scales
  for (const node of graph.nodes)
    if (isConvolution(graph, node)) scaleWeights(graph, node, scalesOf)
  const ranges = new Map<string, Range>()
  for (const [name, each] of channels) {
    const scales = scalesOf(name)
    const scaled = each.map(({ min, max }, c) => {
      const scale = scales?.[c] ?? 1
      return { min: min * scale, max: max * scale }
    })
    ranges.set(name, {
      min: Math.min(...scaled.map(({ min }) => min)),
      max: Math.max(...scaled.map(({ max }) => max)),
    })
  }
  return { model: graph.finish(), ranges }
}

/** Values whose channels are scaled together. */
interface Group {
  readonly names: Set<string>
  /** Whether only convolutions read them and give them. */
  free: boolean
  /** Whether a weight belongs to one of its channels only, wherever they are read. */
  byChannel: boolean
  /** Upper bounds between them, by the name of what is bounded. */
  readonly bounds: Map<string, number>
  scales?: Float64Array | undefined
}

function groupsOf(
  graph: Rewriting,
  channels: ReadonlyMap<string, ChannelRanges>,
): Map<string, Group> {
  const groups = new Map<string, Group>()
  const of = (name: string): Group => {
    const found = groups.get(name)
    if (found) return found
    const made = { names: new Set([name]), free: true, byChannel: true, bounds: new Map() }
    groups.set(name, made)
    return made
  }
  const join = (a: string, b: string) => {
    const [one, other] = [of(a), of(b)]
    if (one === other) return
    for (const name of other.names) groups.set(name, one).get(name)!.names.add(name)
    one.free &&= other.free
    one.byChannel &&= other.byChannel
    for (const [name, bound] of other.bounds) one.bounds.set(name, bound)
  }
  for (const { name } of [...graph.graph.input, ...graph.graph.output]) of(name).free = false
  for (const node of graph.nodes) {
    const { opType, input } = node
    const [y] = node.output as [string]
    const values = input.filter((name) => name !== '' && !graph.constants.has(name))
    const bound = upperBound(graph, node)
    if (SCALE_ALONG.has(opType) || bound !== undefined) {
      join(values[0]!, y)
      if (bound !== undefined && bound < Infinity) of(y).bounds.set(y, bound)
    } else if (opType === 'Add' && values.length === 2) for (const name of values) join(name, y)
    else if (isConvolution(graph, node)) {
      of(y)
      of(values[0]!).byChannel &&= graph.floats(input[1])!.shape[1] === 1
    } else for (const name of [...values, ...node.output]) of(name).free = false
  }
  for (const group of new Set(groups.values())) group.scales = scalesOf(group, channels)
  return groups
}

/** Undefined where a bound does not let values be scaled channel by channel. */
function upperBound(graph: Rewriting, node: NodeProto): number | undefined {
  if (node.opType !== 'Clip') return undefined
  const { min, max } = clipOf(graph, node)
  const half = [min, max].every((bound) => bound === 0 || Math.abs(bound) === Infinity)
  if (half) return Infinity
  const giver = graph.giver(node.input[0]!)
  const absorbed = giver && graph.onlyReader(giver.output[0]!) === node && boundsOf(graph, node)
  return absorbed ? max : undefined
}

const isConvolution = (graph: Rewriting, node: NodeProto) =>
  node.opType === 'Conv' && hasConstantWeights(graph, node)

/**
 * How much each channel is enlarged. Where each weight reads one channel, as far as the widest channel goes; where it
 * reads many, half as far (of the logarithm): their weights share a scale, and those of a large channel become small.
 */
function scalesOf(
  { free, names, byChannel, bounds }: Group,
  channels: ReadonlyMap<string, ChannelRanges>,
): Float64Array | undefined {
  const all = [...names].flatMap((name) => {
    const each = channels.get(name)
    return each ? [each.map(({ min, max }) => Math.max(-min, max, 0))] : []
  })
  const count = all[0]?.length ?? 0
  if (!free || all.length === 0 || all.some((each) => each.length !== count)) return undefined
  const shares = new Float64Array(count)
  for (const each of all) {
    const widest = Math.max(...each)
    each.forEach((value, c) => {
      shares[c] = Math.max(shares[c]!, value / widest || 0)
    })
  }
  const scales = shares.map((share) =>
    share === 0 ? 1 : Math.min(LARGEST, share ** (byChannel ? -1 : -0.5)),
  )
  for (const [name, bound] of bounds)
    channels.get(name)?.forEach(({ max }, c) => {
      scales[c] = Math.max(1, Math.min(scales[c]!, bound / max))
    })
  return scales
}

function scaleWeights(
  graph: Rewriting,
  node: NodeProto,
  scalesOf: (name: string) => Float64Array | undefined,
): void {
  const [x, weightName, biasName] = node.input as [string, string, string?]
  const [before, after] = [scalesOf(x), scalesOf(node.output[0]!)]
  if (!before && !after) return
  const { data, shape } = graph.floats(weightName)!
  const [outputs, inputs] = shape as [number, number]
  const inner = data.length / outputs / inputs
  const groups = Number(node.attribute.find(({ name }) => name === 'group')?.i ?? 1n)
  const scaled = data.map((value, i) => {
    const output = Math.floor(i / (inputs * inner))
    const input =
      Math.floor((output * groups) / outputs) * inputs + (Math.floor(i / inner) % inputs)
    return (value * (after?.[output] ?? 1)) / (before?.[input] ?? 1)
  })
  node.input[1] = graph.constant(`${weightName}_equal`, scaled, shape)
  const bias = graph.floats(biasName || undefined)?.data
  if (!bias || !after) return
  const moved = bias.map((value, c) => value * after[c]!)
  node.input[2] = graph.constant(`${biasName}_equal`, moved, [outputs])
}
