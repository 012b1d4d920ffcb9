// What runs anywhere, a browser too: a protocol on arrays, an aligned face, an ONNX file as data. No file, no engine.
import { verification } from '@arcface/evaluate'
import { decodeModel, modelInputs, OnnxError } from '@arcface/onnx'
import { alignFace, cosine, TEMPLATE } from '@arcface/vision'

const check = (condition, what) => {
  if (!condition) throw new Error(what)
}

// Two people, two pictures each, one pair of each kind a fold.
const embeddings = Float32Array.of(1, 0, 0.8, 0.6, 0, 1, -0.6, 0.8)
const { auc, pairs } = verification({
  embeddings,
  dim: 2,
  a: Int32Array.of(0, 0, 2, 1),
  b: Int32Array.of(1, 2, 3, 3),
  same: Uint8Array.of(1, 0, 1, 0),
  folds: 2,
})
check(auc === 1 && pairs === 4, 'the people are told apart')
check(Math.abs(cosine(embeddings.subarray(0, 2), embeddings.subarray(2, 4)) - 0.8) < 1e-6, 'cosine')

// A picture whose points stand where the template has them is cut out as it is.
const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => i % 251)
const aligned = alignFace({ width: 112, height: 112, pixels }, TEMPLATE)
check(aligned.length === pixels.length && aligned[20_000] === pixels[20_000], 'alignment')

// An empty file is an ONNX model without a graph; another is none.
let refused = false
try {
  modelInputs(decodeModel(Uint8Array.of(255, 255, 255), 'broken.onnx'))
} catch (error) {
  refused = error instanceof OnnxError
}
check(refused, 'a broken model is a coded error')
console.log('done')
