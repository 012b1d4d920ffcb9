import type { Tensors } from '@arcface/vision'

/** What a thread is asked, one thing at a time. */
export type ToWorker =
  | {
      readonly kind: 'load'
      readonly network: number
      readonly model: string | Uint8Array
      readonly threads: number
    }
  | {
      readonly kind: 'run'
      readonly network: number
      readonly inputs: Tensors
    }
  | { readonly kind: 'release'; readonly network: number }

/** What a network takes and gives. */
export interface Description {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Of the first input, a name where any size goes; empty where it is no tensor. */
  readonly shape: readonly (number | string)[]
}

/** `failed`: why, on one line. */
export type FromWorker =
  | { readonly done: Description | Tensors | undefined }
  | { readonly failed: string }
