/** A tensor in memory, row-major. */
export interface Tensor {
  readonly dims: readonly number[]
  /** An array of another kind where a network does not give float32. */
  readonly data: Float32Array<ArrayBuffer>
}

/** Tensors by the names that the network gives them. */
export type Tensors = Readonly<Record<string, Tensor>>

/** A network that is loaded. What runs it (ONNX Runtime of Node, of a browser) is behind this. */
export interface Network {
  /** What errors call it: a path, an address. */
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Of the first input: a name where any size goes; empty where it is no tensor. */
  readonly shape: readonly (number | string)[]
  /** Runs at once, at most; others wait. */
  readonly parallel: number
  /** @param inputs may be moved into another thread: gone afterwards @throws what the runtime throws */
  run(inputs: Tensors): Promise<Tensors>
  /** Waits for runs under way. Calling it again does nothing. */
  close(): Promise<void>
}

/** A model before it is loaded: its bytes, and how they become a network. */
export interface ModelSource {
  /** What errors call it: a path, an address. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Loads it, or what it was changed to. @throws what the runtime throws */
  load(changed?: Uint8Array): Promise<Network>
}

/** Runs a network of one input. @param data moved away: gone afterwards */
export const runOn = (
  network: Network,
  data: Float32Array<ArrayBuffer>,
  dims: readonly number[],
): Promise<Tensors> => network.run({ [network.inputs[0]!]: { dims, data } })
