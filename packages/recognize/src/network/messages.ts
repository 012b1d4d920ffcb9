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
      readonly values: Float32Array<ArrayBuffer>
      readonly dims: readonly number[]
    }
  | { readonly kind: 'release'; readonly network: number }

/** What a network takes and gives. */
export interface Description {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Of the first input, a name where any size goes; empty where it is no tensor. */
  readonly shape: readonly (number | string)[]
}

export interface Output {
  readonly name: string
  readonly dims: readonly number[]
  /** An array of another kind where the network does not give float32. */
  readonly data: Float32Array
}

export type Outputs = readonly Output[]

/** `failed`: why, on one line. */
export type FromWorker =
  | { readonly done: Description | Outputs | undefined }
  | { readonly failed: string }
