// @vladmandic/human as its readme sets it up, for one face: box, mesh (by which it is turned upright), description (its
// embedding), on WebAssembly; everything else is off.

const off = { enabled: false }

/** @param paths wasmPath, modelBasePath */
export const humanConfig = (paths) => ({
  ...paths,
  backend: 'wasm',
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
