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
/** What brings them; of the second the files that run here, see scripts/packages/wasm.mjs. */
const INSTALL: Readonly<Record<Backend, string>> = {
  node: 'npm install onnxruntime-node',
  wasm: 'npm install onnxruntime-web@npm:@arcface/onnxruntime-web',
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
  if (asked !== undefined && !isBackend(asked)) {
    const from = given === undefined ? 'ARCFACE_BACKEND' : 'backend'
    throw new RecognizeError('RECOGNIZE_USE', `${from}: ${BACKENDS.join(' or ')}, not ${asked}`)
  }
  const { resolve } = createRequire(threadFile())
  const isInstalled = (backend: Backend) => {
    try {
      return resolve(PACKAGES[backend]) !== ''
    } catch {
      return false
    }
  }
  const chosen = asked ?? BACKENDS.find(isInstalled)
  if (chosen === undefined)
    throw new RecognizeError('RECOGNIZE_BACKEND', 'ONNX Runtime is not installed', {
      hint: `${INSTALL.node} (fast), or ${INSTALL.wasm} (small)`,
    })
  if (!isInstalled(chosen)) throw missing(chosen, `${PACKAGES[chosen]} is not installed`)
  return chosen
}

/** The npm package that runs networks here, for reports. @throws as `backendOf` */
export const runtimePackage = (given?: Backend): string => PACKAGES[backendOf(given)]

const isBackend = (name: string): name is Backend => Object.hasOwn(PACKAGES, name)

/** That a backend cannot be used here. @param why on one line */
export const missing = (backend: Backend, why: string): RecognizeError =>
  new RecognizeError('RECOGNIZE_BACKEND', `backend ${backend}: ${why}`, {
    hint:
      backend === 'node'
        ? `${INSTALL.node}, or take the backend wasm: ${INSTALL.wasm}`
        : INSTALL.wasm,
  })
