// Embeds aligned faces in the worker of aligned-worker.js, so many at a time.
const worker = new Worker(new URL('./aligned-worker.js', import.meta.url), { type: 'module' })

const ask = (message) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data))
    worker.postMessage(message)
  })

globalThis.bench = {
  /** @param embedder an ONNX file of the site in place of the pack's */
  open: (embedder) => ask({ embedder: new URL(`../${embedder ?? 'models/'}`, location.href).href }),
  /** @returns of each file the embedding and that of its mirror image, as base64 of float32 */
  async embed(names) {
    const files = await Promise.all(
      names.map(async (name) => (await fetch(`../faces/${name}`)).blob()),
    )
    return (await ask({ files })).rows
  },
  /** Embeds the faces of the last call, one by one, so many times. @returns seconds a time */
  run: async (steps) => (await ask({ steps })).seconds / steps,
}
