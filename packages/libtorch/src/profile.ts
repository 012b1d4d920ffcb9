import { native } from './native.js'

/** An operator, or a node of autograd, that ran. */
export interface OperatorSpan {
  /** `aten::mm`, `MmBackward0`, ... */
  name: string
  /** A node of autograd; the operators that it calls lie within it. */
  backward: boolean
  /** libtorch's number of the thread. */
  thread: number
  /** Microseconds on the clock of `process.hrtime`. */
  start: number
  end: number
}

/** Records every operator of this process from here on, at some 1 microsecond each. Not while others run. */
export const startProfile = (): void => native.startProfile()

/** Ends the recording. What ran, in the order in which it ended; on CUDA the times are those of the launches. */
export const stopProfile = (): OperatorSpan[] =>
  native
    .stopProfile()
    .map(([name, backward, thread, start, end]) => ({ name, backward, thread, start, end }))
