import type { ModelProto } from '../generated/onnx_pb.js'
import { encodeModel } from '../model/model.js'
import { Rewriting } from './rewriting.js'

/**
 * The bytes of a model, which is changed, whose input and outputs no longer fix the dimensions given: many exporters
 * write down the size that they happened to trace with, although the graph takes any.
 */
export function freeDimensions(model: ModelProto, dimensions: readonly number[]): Uint8Array {
  const { input = [], output = [], initializer = [] } = model.graph ?? {}
  const constants = new Set(initializer.map(({ name }) => name))
  for (const { name, type } of [...input, ...output]) {
    if (type?.value.case !== 'tensorType' || constants.has(name)) continue
    const isInput = input.some((one) => one.name === name)
    type.value.value.shape?.dim.forEach((dimension, i) => {
      if (isInput && !dimensions.includes(i)) return
      dimension.value = { case: 'dimParam', value: `${name}_${i}` }
    })
  }
  if (model.graph) model.graph.valueInfo = []
  return encodeModel(model)
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
