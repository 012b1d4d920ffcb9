import type { WebGpu } from './recognizer/recognizer.js'

/**
 * WebGPU for `Recognizer.open({ models, webgpu })`: each network runs by it where a warm-up shows that it is faster than
 * WebAssembly here and gives the same; `recognizer.runtime` says what was found. Visitors whose browser offers a graphics
 * processor fetch 26 MB more (6 MB gzipped).
 */
export const webgpu: WebGpu = {
  worker: () => new Worker(new URL('./webgpu-worker.js', import.meta.url), { type: 'module' }),
}

export type { WebGpu }
