// The steps one by one, each with a model of one's own: node pieces.mjs yunet.onnx faceplugin ada.jpg grace.jpg
import { openDetector, openModel, readPhoto } from '@arcface/recognize'
import { alignFace, cosine } from '@arcface/vision'

const [detectorFile, model, ...photos] = process.argv.slice(2)

const detector = await openDetector(detectorFile) // YuNet or SCRFD
const { embedder } = await openModel(model) // a pack's name or an ONNX file
const embeddings = []
for (const path of photos) {
  const photo = await readPhoto(path) // RGB bytes, width, height
  const [face] = await detector.detect(photo) // the most certain first
  const aligned = alignFace(photo, face.points) // 112 x 112 x 3
  embeddings.push(await embedder.embed(aligned, 1)) // one image: L2-normalised
}
console.log(cosine(embeddings[0], embeddings[1]))
await embedder.close()
await detector.close()
