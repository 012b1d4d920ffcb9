import type { Backend } from './backend.js'

/** Row-major. What lies in shared memory is shared; else a run moves it, and it is gone afterwards. */
export interface ThreadTensor {
  readonly dims: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

export type ThreadTensors = Readonly<Record<string, ThreadTensor>>

/** What a thread is asked, one thing at a time. */
export type ToWorker =
  | {
      readonly kind: 'load'
      readonly network: number
      readonly backend: Backend
      readonly model: string | Uint8Array
      /** Files beside a model of a path in which it keeps weights, by their names in the model. */
      readonly external: readonly string[]
      readonly threads: number
    }
  | {
      readonly kind: 'run'
      readonly network: number
      readonly inputs: ThreadTensors
      /** Results that are written into shared memory, and not answered. */
      readonly outputs?: ThreadTensors | undefined
    }
  | { readonly kind: 'release'; readonly network: number }

/** What a network takes and gives. */
export interface Description {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Of the first input, a name where any size goes; empty where it is no tensor. */
  readonly shape: readonly (number | string)[]
}

/** `failed`: why, on one line; `missing`: that backend is what does not work here. */
export type FromWorker =
  | { readonly done: Description | ThreadTensors | undefined }
  | { readonly failed: string; readonly missing?: Backend }
