// @vladmandic/human as its readme sets it up, for one face: box, mesh (by which it is turned upright), description (its
// embedding); everything else is off. A file is decoded by the browser, as a page does it.
import { Human } from '/human-dist/human.esm.js'
import { present } from './bench.js'

const off = { enabled: false }
let human

present({
  async open() {
    human = new Human({
      backend: 'wasm',
      wasmPath: new URL('../human-wasm/', location.href).href,
      modelBasePath: new URL('../human-models/', location.href).href,
      debug: false,
      cacheSensitivity: 0,
      filter: off,
      face: {
        enabled: true,
        detector: { rotation: true, maxDetected: 1 },
        mesh: { enabled: true },
        description: { enabled: true },
        iris: off,
        emotion: off,
        antispoof: off,
        liveness: off,
      },
      body: off,
      hand: off,
      object: off,
      gesture: off,
    })
    await human.load()
    const { simd, multithread } = human.env.wasm
    return { device: human.tf.getBackend(), simd, multithread }
  },
  async embed(photo) {
    const image = photo instanceof Blob ? await createImageBitmap(photo) : photo
    const { face, error } = await human.detect(image)
    if (image !== photo) image.close()
    if (error) throw new Error(error)
    return face[0]?.embedding?.length > 0
  },
})
