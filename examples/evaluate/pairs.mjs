// A model over a list of pairs, as `arcface evaluate verification` does it: node pairs.mjs face.onnx faces pairs.txt
import { openPairs } from '@arcface/data'
import { evaluateVerification } from '@arcface/evaluate/run'
import { openModel } from '@arcface/recognize'

const [model, folder, list] = process.argv.slice(2)

const pairs = openPairs(list, folder)
const { embedder } = await openModel(model) // a pack's name, an ONNX file
const embed = (images, n) => embedder.features(images, n)
const { accuracy, tarAtFar } = await evaluateVerification(pairs, embed, { flip: true })
await embedder.close()

console.log({ accuracy, tarAtFar })
