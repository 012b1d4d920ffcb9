// What the pages of all contestants do alike: `globalThis.bench` for the benchmark, and the first embedding of a visit
// where the address asks for it (?first=PHOTO). A subject has open(options) and embed(photo), which tells whether it found a face.

const photoOf = async (name) => (await fetch(`../photos/${name}`)).blob()

const READY = {
  file: photoOf,
  bitmap: async (name) => createImageBitmap(await photoOf(name)),
  pixels: async (name) => {
    const bitmap = await createImageBitmap(await photoOf(name))
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height)
  },
}

export function present(subject) {
  let photos = []
  globalThis.bench = {
    open: (options) => subject.open(options),
    /** @param kind file, bitmap or pixels: what is ready before the time begins */
    async prepare(kind, names) {
      photos = await Promise.all(names.map(READY[kind]))
    },
    /** Every photograph, so many times, one after the other. */
    async run(steps) {
      let found = 0
      const from = performance.now()
      for (let step = 0; step < steps; step++)
        for (const photo of photos) if (await subject.embed(photo)) found++
      return { seconds: (performance.now() - from) / 1000, found }
    },
  }
  const first = new URLSearchParams(location.search).get('first')
  if (first) globalThis.first = visit(subject, first)
}

/** Milliseconds from when the page was asked for until the first embedding. */
async function visit(subject, name) {
  const [photo] = await Promise.all([photoOf(name), subject.open({})])
  const found = await subject.embed(photo)
  return { done: performance.now(), found }
}
