import { loadKernels } from './kernels.js'
import { native, type Raw } from './native.js'

/** An operator of the dispatcher; looked up at its first call. */
export interface Operator {
  readonly name: string
  id: number
}

export const operator = (name: string): Operator => ({ name, id: -1 })

/** Sees each call while a forward pass is recorded: the operator's name, arguments and result. */
export type Tracer = (name: string, args: readonly Raw[], result: Raw) => void

let tracer: Tracer | undefined

function lookup(name: string): number {
  if (name.startsWith('arcface::')) loadKernels()
  return native.lookup(name)
}

/** Calls an operator boxed. @throws TorchError TORCH_OPERATOR with the operator's name and shapes */
export function invoke(called: Operator, ...args: Raw[]): Raw {
  if (called.id < 0) called.id = lookup(called.name)
  const result = native.call(called.id, ...args)
  if (tracer) tracer(called.name, args, result)
  return result
}

/** Runs `body` while `onCall` sees every operator that it dispatches, in order. */
export function trace<T>(onCall: Tracer, body: () => T): T {
  const outer = tracer
  tracer = onCall
  try {
    return body()
  } finally {
    tracer = outer
  }
}
