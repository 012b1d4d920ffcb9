const INSIDE = 0
const CLOSED = 1

/**
 * The way of a thread into ONNX Runtime, which another thread can close. A thread that is ended while it is inside takes
 * the process with it (SIGABRT): the binding finds that it may not call JavaScript, and throws where nobody catches.
 */
export class Gate {
  /** @param cells shared by both threads */
  constructor(readonly cells = new Int32Array(new SharedArrayBuffer(8))) {}

  /** Does `work` inside; never, once the gate is closed. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    Atomics.add(this.cells, INSIDE, 1)
    try {
      if (Atomics.load(this.cells, CLOSED) === 0) return await work()
    } finally {
      Atomics.sub(this.cells, INSIDE, 1)
      Atomics.notify(this.cells, INSIDE)
    }
    return new Promise(() => {})
  }

  close(): void {
    Atomics.store(this.cells, CLOSED, 1)
  }

  /** Blocks until nobody is inside. */
  wait(): void {
    for (let inside = 1; inside > 0; inside = Atomics.load(this.cells, INSIDE))
      Atomics.wait(this.cells, INSIDE, inside)
  }
}
