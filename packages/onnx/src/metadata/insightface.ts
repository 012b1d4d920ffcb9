import type { ModelProto } from '../generated/onnx_pb.js'
import { modelInputs, modelOutputs } from '../model/model.js'
import type { Preprocessing } from './metadata.js'

/**
 * How InsightFace reads a recognition model
 * (python-package/insightface/model_zoo/arcface_onnx.py and model_zoo.py): where among the names
 * of the first eight nodes one begins with `Sub` or `_minus` and one with `Mul` or `_mul`, the
 * graph normalises and gets RGB 0..255; otherwise it gets (p - 127.5) / 127.5. It goes by names,
 * not by operator types.
 */
export function insightfacePreprocessing(model: ModelProto): Preprocessing {
  const names = model.graph?.node.slice(0, 8).map((node) => node.name) ?? []
  const has = (...prefixes: string[]) =>
    names.some((name) => prefixes.some((prefix) => name.startsWith(prefix)))
  const inGraph = has('Sub', '_minus') && has('Mul', '_mul')
  const [mean, std] = inGraph ? [0, 1] : [127.5, 127.5]
  return { colorOrder: 'RGB', range: 255, mean: [mean, mean, mean], std: [std, std, std] }
}

/**
 * Whether InsightFace takes the file for a face recogniser at all: a first input of 112x112 and
 * exactly one output.
 */
export function insightfaceAccepts(model: ModelProto): boolean {
  const shape = modelInputs(model)[0]?.shape
  return shape?.[2] === 112 && shape[3] === 112 && modelOutputs(model).length === 1
}
