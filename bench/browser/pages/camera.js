// FaceCamera before Chromium's fake camera: what each frame took, and who is in it.
import { FaceCamera, Recognizer } from '@arcface/browser'

globalThis.bench = {
  async open(threads) {
    const recognizer = await Recognizer.open({ models: '../models/', threads })
    const camera = new FaceCamera(recognizer)
    const seen = { frames: 0, dropped: 0, faces: 0, tracks: 0, embedded: 0, took: 0 }
    camera.addEventListener('frame', ({ detail }) => {
      seen.frames++
      seen.dropped += detail.dropped
      seen.faces += detail.faces.length
      seen.took += detail.took
    })
    camera.addEventListener('track', () => seen.tracks++)
    camera.addEventListener('face', () => seen.embedded++)
    await camera.start()
    globalThis.seen = seen
    return recognizer.runtime
  },
  /** Bytes of the page and its worker, JavaScript and WebAssembly, what is garbage left out. */
  async memory() {
    const { bytes } = await performance.measureUserAgentSpecificMemory()
    return bytes
  },
}
