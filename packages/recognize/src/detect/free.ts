import { encodeModel, readModel } from '@arcface/data/onnx'

/**
 * The bytes of an ONNX file whose input and outputs no longer fix the dimensions given: many exporters write down the
 * size that they happened to trace with, although the graph takes any.
 */
export async function freeDimensions(
  path: string,
  dimensions: readonly number[],
): Promise<Uint8Array> {
  const model = await readModel(path)
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
