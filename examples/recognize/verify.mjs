// Whether two photographs show the same person: node verify.mjs ada.jpg grace.jpg
import { Recognizer } from '@arcface/recognize'

const [ada, grace] = process.argv.slice(2)
const recognizer = await Recognizer.open() // the default pack; or { model: 'face.onnx', detector: 'yunet.onnx' }
const { same, similarity, threshold, far } = await recognizer.verify(ada, grace)
console.log({ same, similarity, threshold, far })
await recognizer.close()
