// @vladmandic/human in a page. A file is decoded by the browser, as a page does it.
import { Human } from '/human-dist/human.esm.js'
import { present } from './bench.js'
import { humanConfig } from './human-config.mjs'

let human

present({
  async open() {
    human = new Human(
      humanConfig({
        wasmPath: new URL('../human-wasm/', location.href).href,
        modelBasePath: new URL('../human-models/', location.href).href,
      }),
    )
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
