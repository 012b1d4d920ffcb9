import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as ort from 'onnxruntime-web'
import type { Backend } from './backend.js'
import type { ToWorker } from './messages.js'

// ONNX Runtime inside of a thread, by either of its packages, which have one interface.

export type Runtime = Pick<typeof ort, 'InferenceSession' | 'Tensor'>

/** @throws where it is not installed, or not for this system */
export async function loadRuntime(backend: Backend): Promise<Runtime> {
  if (backend === 'node') return import('onnxruntime-node')
  const web = await import('onnxruntime-web')
  prepare(web.env)
  return web
}

/** The thread has one core; the binary comes from the package, not from the network. */
function prepare({ wasm }: typeof ort.env): void {
  wasm.numThreads = 1
  wasm.wasmBinary = readFileSync(
    createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'),
  )
}

/** Loads a network. */
export function createSession(
  { InferenceSession }: Runtime,
  { backend, model, external, threads }: ToWorker & { kind: 'load' },
): Promise<ort.InferenceSession> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: [backend === 'node' ? 'cpu' : 'wasm'],
    logSeverityLevel: 3, // errors; its warnings are about how others exported their models
    intraOpNumThreads: threads,
  }
  if (typeof model !== 'string') return InferenceSession.create(model, options)
  if (backend === 'node') return InferenceSession.create(model, options)
  const externalData = external.map((path) => ({
    path,
    data: readFileSync(join(dirname(model), path)),
  }))
  return InferenceSession.create(readFileSync(model), { ...options, externalData })
}
