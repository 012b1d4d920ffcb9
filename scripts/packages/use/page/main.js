// What a stranger's page does: opens models that lie beside it, sees faces, compares.
import { Recognizer } from '@arcface/browser'

try {
  const recognizer = await Recognizer.open({
    models: { detector: 'models/detector.onnx', embedder: 'models/embedder.onnx' },
    quality: false,
  })
  const [width, height] = [320, 240]
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 7919) % 256)
  const picture = { width, height, pixels }
  const { same, similarity } = await recognizer.verify(picture, picture, { threshold: 0.5 })
  if (!same || Math.abs(similarity - 1) > 1e-5)
    throw new Error(`a picture beside itself: ${similarity}`)
  await recognizer.close()
  document.title = 'done'
} catch ({ code, message, hint }) {
  document.title = `${code}: ${message} ${hint}`
}
