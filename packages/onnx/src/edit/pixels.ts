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

/**
 * Lets a model take any batch that was written down with a batch of one, as many exporters do: its input, its output and
 * the shapes within that begin with it. Whether the network works so is for the caller to see.
 *
 * @param model changed
 */
export function freeBatch(model: ModelProto): void {
  const graph = new Rewriting(model)
  for (const shape of graph.nodes.filter(({ opType }) => opType === 'Reshape')) {
    const sides = graph.integers(shape.input[1]!)
    if (sides?.[0] !== 1n || sides.length < 2) continue
    // -1: whatever is left; 0: as it comes in.
    sides[0] = sides.includes(-1n) ? 0n : -1n
    shape.input[1] = graph.constant(`${shape.output[0]}_shape`, sides, [sides.length])
  }
  for (const { type } of [...graph.graph.input, ...graph.graph.output]) {
    const first = type?.value.case === 'tensorType' ? type.value.value.shape?.dim[0] : undefined
    if (first) first.value = { case: 'dimParam', value: 'batch' }
  }
  graph.finish()
}
