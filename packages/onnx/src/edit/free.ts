import type { ModelProto } from '../generated/onnx_pb.js'
import { encodeModel } from '../model/model.js'

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
