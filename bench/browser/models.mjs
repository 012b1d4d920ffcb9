// The models of the default pack, as a page is given them.

import { resolveDetector, resolveModel } from '@arcface/recognize'
import { DEFAULT_PACK } from '@arcface/vision'

/** @param embedder an ONNX file in place of the pack's */
export async function packModels(embedder) {
  const model = await resolveModel(DEFAULT_PACK)
  const { path: detector, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
  const at = (name) => new URL(`models/${name}`, 'http://site').pathname
  return {
    files: {
      'detector.onnx': detector,
      'landmarks.onnx': landmarks,
      'embedder.onnx': embedder ?? model.path,
    },
    given: {
      detector: at('detector.onnx'),
      landmarks: at('landmarks.onnx'),
      embedder: {
        from: at('embedder.onnx'),
        preprocessing: embedder ? undefined : model.preprocessing,
      },
    },
  }
}
