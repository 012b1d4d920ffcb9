import type { DType } from './dtype.js'
import { native } from './native.js'
import { Tensor } from './tensor.js'

interface GraphOptions {
  /** Gradients with respect to the outputs; ones for scalars when left out. */
  gradients?: readonly Tensor[]
  /** Keep what the forward pass saved, to go backward again. */
  retainGraph?: boolean
  /** Make the gradients differentiable themselves. */
  createGraph?: boolean
}

const handles = (tensors: readonly Tensor[]) => tensors.map((one) => one.handle)

/** Adds the gradients of `tensors` to their leaves' `grad`. */
export function backward(tensors: readonly Tensor[], options: GraphOptions = {}): void {
  const { gradients, createGraph = false, retainGraph = createGraph } = options
  native.backward(handles(tensors), gradients ? handles(gradients) : null, retainGraph, createGraph)
}

/** Gradients of `outputs` with respect to `inputs`, without touching `grad`; null where unused. */
export function grad(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  options: GraphOptions & { allowUnused?: boolean } = {},
): (Tensor | null)[] {
  const { gradients, createGraph = false, retainGraph = createGraph, allowUnused = false } = options
  return native
    .grad(
      handles(outputs),
      handles(inputs),
      gradients ? handles(gradients) : null,
      retainGraph,
      createGraph,
      allowUnused,
    )
    .map((handle) => (handle ? new Tensor(handle) : null))
}

/** Runs `body` without recording for backward. Synchronous. */
export function noGrad<T>(body: () => T): T {
  const before = native.gradEnabled()
  native.setGradEnabled(false)
  try {
    return body()
  } finally {
    native.setGradEnabled(before)
  }
}

/** Runs `body` with products and convolutions in `dtype` (null: as they are). Synchronous; leaves clean. */
export function autocast<T>(dtype: DType | null, body: () => T, device = 'cpu'): T {
  const before = native.autocastState(device)
  native.setAutocast(device, dtype)
  try {
    return body()
  } finally {
    native.setAutocast(device, before)
  }
}
