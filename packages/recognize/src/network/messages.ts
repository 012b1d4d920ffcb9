import type { ThreadTensors } from '../products/engine.js'
import type { Work } from '../products/work.js'
import type { Backend } from './backend.js'

/** What a thread is asked, one thing at a time. */
export type ToWorker =
  | {
      readonly kind: 'load'
      readonly network: number
      readonly backend: Backend
      readonly model: string | Uint8Array | Work
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

/** Buffers that a message moves. */
export const buffersOf = (tensors: ThreadTensors): ArrayBuffer[] => [
  ...new Set(
    Object.values(tensors).flatMap(({ data: { buffer } }) =>
      buffer instanceof ArrayBuffer ? buffer : [],
    ),
  ),
]

/** What a network takes and gives; of a work nothing is said. */
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
