import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as ort from 'onnxruntime-web'
import type { Engine, Runnable, Session, ThreadTensor, ThreadTensors } from '../products/engine.js'
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

/** A model that is to be loaded. */
type Load = Omit<ToWorker & { kind: 'load' }, 'model'> & { readonly model: string | Uint8Array }

/** Loads a network. */
export function createSession(
  { InferenceSession }: Runtime,
  { backend, model, external, threads }: Load,
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

/** For products of matrices, which run as a network does. */
export const engineOf = (runtime: Runtime, load: Omit<Load, 'model'>): Engine => ({
  open: async (model, threads = load.threads) => {
    const session = await createSession(runtime, { ...load, model, threads, external: [] })
    return sessionOf(runtime, session, load.backend)
  },
})

/** A network, whose inputs may lie in shared memory: they are copied, since not every runtime takes that. */
export function networkOf(
  runtime: Runtime,
  session: ort.InferenceSession,
  backend: Backend,
): Runnable {
  const { run, release } = sessionOf(runtime, session, backend)
  const own = ({ data, dims }: ThreadTensor): ThreadTensor => ({
    dims,
    data: data.buffer instanceof SharedArrayBuffer ? data.slice() : data,
  })
  return {
    run: (inputs) =>
      run(Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, own(one)]))),
    release,
  }
}

function sessionOf({ Tensor }: Runtime, session: ort.InferenceSession, backend: Backend): Session {
  const tensorsOf = (tensors: ThreadTensors) =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { data, dims }]) => [name, new Tensor(data, dims)]),
    )
  return {
    async run(inputs, results) {
      const feeds = tensorsOf(inputs)
      // WebAssembly's results lie in its own memory first.
      const into = backend === 'node' && results !== undefined ? tensorsOf(results) : {}
      const outputs = await session.run(feeds, into)
      if (backend !== 'node')
        for (const [name, { data }] of Object.entries(results ?? {}))
          data.set(outputs[name]!.data as ThreadTensor['data'])
      return outputs as unknown as ThreadTensors
    },
    release: () => session.release(),
  }
}
