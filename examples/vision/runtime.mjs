// What runs a network is passed in, so that this room runs anywhere; here ONNX Runtime itself: node runtime.mjs face.onnx
import { readFileSync } from 'node:fs'
import { alignFace, cosine, Embedder, TEMPLATE } from '@arcface/vision'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const [file] = process.argv.slice(2)

/** A session as a `Network`. */
async function load(bytes) {
  const session = await InferenceSession.create(bytes)
  return {
    name: file,
    inputs: session.inputNames,
    outputs: session.outputNames,
    shape: session.inputMetadata[0].shape,
    parallel: 1,
    run: (inputs) =>
      session.run(
        Object.fromEntries(
          Object.entries(inputs).map(([name, { data, dims }]) => [
            name,
            new Tensor('float32', data, dims),
          ]),
        ),
      ),
    close: () => session.release(),
  }
}

const bytes = readFileSync(file)
const source = { name: file, bytes, load: (changed = bytes) => load(changed) }
const points = TEMPLATE // a detector's five; here where an aligned face has them
const photo = { width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3).fill(127) }

const embedder = await Embedder.open(source) // a name, bytes, and what runs them
const face = await embedder.embed(alignFace(photo, points), 1) // five points; L2-normalised
const other = await embedder.embed(alignFace(photo, points), 1, { flip: true })
console.log(cosine(face, other))
await embedder.close()
