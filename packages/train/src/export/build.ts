import { createHash } from 'node:crypto'
import type { nn } from '@arcface/libtorch'
import type { ModelProto } from '@arcface/onnx'
import { TrainError } from '../errors.js'
import type { Graph, Value } from './graph.js'
import { OUTPUT, type Recording, record, shapesWith } from './record.js'
import { serialize } from './serialize.js'

const INPUT_SIZE = 112

/**
 * The network as an ONNX model: float32 `input` [batch, 3, size, size], RGB 0..255, to `embedding` [batch, dim]
 * as the network gives it (not normalised). Any batch; weights are float32 under their state-dict names.
 * The module runs in eval mode and gets its mode back; it is not changed.
 *
 * A forward pass is recorded twice, with another batch and other pixels: what differs between the two
 * graphs would be baked into the file.
 * @throws TrainError TRAIN_EXPORT naming the operator that has no conversion, runs in training mode or
 *   depends on the batch
 */
export function buildOnnx(
  module: nn.Module,
  { inputSize = INPUT_SIZE }: { inputSize?: number } = {},
): { model: ModelProto; dim: number } {
  const [first, second] = inEvalMode(module, () => {
    const first = record(module, 2, inputSize, shapesWith(module, 3, inputSize))
    return [first, record(module, 3, inputSize, first.shapes)] as const
  })
  checkSame(first, second)
  const { graph, output, dim } = first
  return { model: serialize(graph, output, { size: inputSize, dim, outputName: OUTPUT }), dim }
}

function inEvalMode<T>(module: nn.Module, body: () => T): T {
  const modes = [...module.namedModules()].map(([, one]) => [one, one.training] as const)
  module.eval()
  try {
    return body()
  } finally {
    for (const [one, training] of modes) one.training = training
  }
}

function checkSame(first: Recording, second: Recording): void {
  const length = Math.max(first.graph.nodes.length, second.graph.nodes.length)
  for (let i = 0; i < length; i++)
    if (nodeText(first.graph, i) !== nodeText(second.graph, i)) throw depends(first.graph, i)
  if (first.output.name !== second.output.name) throw depends(first.graph, length - 1)
}

/** All that the file says of a node; weights by name, since they are the module's own. */
function nodeText({ nodes }: Graph, index: number): string {
  const node = nodes[index]
  if (!node) return ''
  return JSON.stringify([node.type, node.inputs.map(inputText), node.attributes])
}

function inputText(value: Value | null): string {
  if (!value?.constant || value.constant.weight) return value?.name ?? ''
  const { shape, data } = value.constant
  const values = data()
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return `${shape.join()} ${createHash('sha256').update(bytes).digest('hex')}`
}

function depends({ nodes }: Graph, index: number): TrainError {
  return new TrainError(
    'TRAIN_EXPORT',
    `node ${index} (${nodes[index]?.type ?? 'end of the graph'}) differs from one forward pass to the next: the network depends on the batch size, on chance, or reads values into JavaScript. Write forward with operators on tensors only, and shapes that leave the first side open (flatten, reshape to [-1, ...]).`,
  )
}
