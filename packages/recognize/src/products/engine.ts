/** Row-major. What lies in shared memory is shared; else it is moved to the other thread, and gone afterwards. */
export interface ThreadTensor {
  readonly dims: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

export type ThreadTensors = Readonly<Record<string, ThreadTensor>>

/** ONNX Runtime inside of a thread. */
export interface Engine {
  /** @param threads cores for each run. Default: as many as the network that it works for has */
  open(model: Uint8Array, threads?: number): Promise<Session>
}

export interface Session {
  /**
   * @param inputs not in shared memory, which not every runtime takes: see rows.ts
   * @param results arrays that results are written into, not in shared memory either; for others there are new ones
   */
  run(inputs: ThreadTensors, results?: ThreadTensors): Promise<ThreadTensors>
  release(): Promise<void>
}

/** What a thread has ready, to be run again and again: a network, or products. */
export interface Runnable {
  run(inputs: ThreadTensors): Promise<ThreadTensors>
  release(): Promise<void>
}
