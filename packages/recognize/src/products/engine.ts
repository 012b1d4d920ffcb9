/** Row-major. What lies in shared memory is shared; else it is moved to the other thread, and gone afterwards. */
export interface ThreadTensor {
  readonly dims: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

export type ThreadTensors = Readonly<Record<string, ThreadTensor>>

/** ONNX Runtime inside of a thread. */
export interface Engine {
  /** Whether inputs and results may lie in shared memory. */
  readonly takesShared: boolean
  open(model: Uint8Array): Promise<Session>
}

export interface Session {
  /**
   * @param inputs in shared memory only where the engine takes it, else they are copied
   * @param results arrays that results are written into, in shared memory only where the engine takes it; for others there
   *   are new ones
   */
  run(inputs: ThreadTensors, results?: ThreadTensors): Promise<ThreadTensors>
  release(): Promise<void>
}

/** What a thread has ready, to be run again and again: a network, or products. */
export interface Runnable {
  run(inputs: ThreadTensors): Promise<ThreadTensors>
  release(): Promise<void>
}
