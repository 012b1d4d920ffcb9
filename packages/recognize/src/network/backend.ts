import { createRequire } from 'node:module'
import { workerFile } from '@arcface/files'
import { RecognizeError } from '../errors.js'

/** What runs networks: ONNX Runtime's own binaries for Node (fast), or its WebAssembly (small, and runs everywhere). */
export type Backend = 'node' | 'wasm'

/** The npm packages; the one that is preferred comes first. */
const PACKAGES: Readonly<Record<Backend, string>> = {
  node: 'onnxruntime-node',
  wasm: 'onnxruntime-web',
}
export const BACKENDS = Object.keys(PACKAGES) as Backend[]

/** The file of the thread that runs networks, which is where its runtime is looked for too. @throws FilesError FILES_WORKER */
export const threadFile = () =>
  workerFile('@arcface/recognize/network-worker', import.meta.url, 'runs networks')

/**
 * The backend asked for, else that of ARCFACE_BACKEND, else what is installed.
 * @throws RecognizeError RECOGNIZE_USE (no such backend), RECOGNIZE_BACKEND (not installed); FilesError FILES_WORKER
 */
export function backendOf(given?: Backend): Backend {
  const asked = given ?? (process.env.ARCFACE_BACKEND || undefined)
  const { resolve } = createRequire(threadFile())
  const isInstalled = (backend: Backend) => {
    try {
      return resolve(PACKAGES[backend]) !== ''
    } catch {
      return false
    }
  }
  const chosen = BACKENDS.find((one) => (asked === undefined ? isInstalled(one) : one === asked))
  if (chosen !== undefined && isInstalled(chosen)) return chosen
  if (chosen !== undefined) throw missing(chosen, `${PACKAGES[chosen]} is not installed`)
  if (asked === undefined)
    throw new RecognizeError('RECOGNIZE_BACKEND', 'ONNX Runtime is not installed', {
      hint: `npm install ${PACKAGES.node} (fast), or npm install ${PACKAGES.wasm} (small)`,
    })
  const from = given === undefined ? 'ARCFACE_BACKEND' : 'backend'
  throw new RecognizeError('RECOGNIZE_USE', `${from}: ${BACKENDS.join(' or ')}, not ${asked}`)
}

/** That a backend cannot be used here. @param why on one line */
export const missing = (backend: Backend, why: string): RecognizeError =>
  new RecognizeError('RECOGNIZE_BACKEND', `backend ${backend}: ${why}`, {
    hint:
      backend === 'node'
        ? `npm install ${PACKAGES.node}, or take the backend wasm: npm install ${PACKAGES.wasm}`
        : `npm install ${PACKAGES.wasm}`,
  })
