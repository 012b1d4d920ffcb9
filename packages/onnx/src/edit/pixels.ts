import { node, valueInfo } from '../build/parts.js'
import { type ModelProto, TensorProto_DataType } from '../generated/onnx_pb.js'
import type { Preprocessing } from '../metadata/metadata.js'
import { modelInputs } from '../model/model.js'
import { Rewriting } from './rewriting.js'

const { FLOAT } = TensorProto_DataType
const SIZE = 112

/**
 * Puts what the caller had to do to the pixels into the network, so that it takes `input`, float32 N x 3 x 112 x 112, RGB
 * 0..255, as our own files do. Sub and Mul come first, also where they change nothing: InsightFace's reader looks for them.
 *
 * @param model changed; its only input is float32 N x 3 x 112 x 112
 */
export function takePixels(
  model: ModelProto,
  { colorOrder, range, mean, std }: Preprocessing,
): void {
  const [input] = modelInputs(model)
  const graph = new Rewriting(model)
  const inside = graph.name(`${input!.name}_normalized`)
  graph.rename(input!.name, inside)
  const perColor = (values: number[]) => Float32Array.from(values)
  const name = input!.name === 'input' ? 'input' : graph.name('input')
  const means = graph.constant('mean', perColor(mean.map((m) => (m * 255) / range)), [3, 1, 1])
  const scales = graph.constant('scale', perColor(std.map((s) => range / 255 / s)), [3, 1, 1])
  const bgr = colorOrder === 'BGR'
  const scaled = bgr ? graph.name('normalized') : inside
  const centred = graph.name('centred')
  const nodes = [
    node('Sub', [name, means], centred, {}, graph.name('Sub_0')),
    node('Mul', [centred, scales], scaled, {}, graph.name('Mul_1')),
  ]
  if (bgr) {
    const order = graph.constant('blue_first', BigInt64Array.of(2n, 1n, 0n), [3])
    nodes.push(node('Gather', [scaled, order], inside, { axis: { int: 1 } }))
  }
  graph.nodes.unshift(...nodes)
  graph.graph.input = [valueInfo(name, FLOAT, [input!.shape?.[0] ?? 'batch', 3, SIZE, SIZE])]
  graph.finish()
}
