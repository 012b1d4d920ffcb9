import { pinMemory, to } from './generated/ops.js'
import { native } from './native.js'
import { scope, type Tensor } from './tensor.js'

/** Lets cuDNN try its algorithms at each new shape and keep the fastest, for processes that train on few shapes. */
export const tryAlgorithms = (): void => native.tryAlgorithms()

/**
 * A tensor on a device; itself where it is there, or not on the CPU. To CUDA it goes by way of memory that the GPU reads by
 * itself, and nothing waits for it: the values are those of the moment of the call.
 */
export function upload(values: Tensor, device: string): Tensor {
  if (values.device !== 'cpu' || device === 'cpu') return values
  const isCuda = device.startsWith('cuda')
  return scope(() => to(isCuda ? pinMemory(values) : values, device, values.dtype, isCuda))
}

/** Whether `recordGraph` works on a device with this build. */
export const canRecordGraphs = (device: string): boolean =>
  device.startsWith('cuda') && native.recordGraph !== undefined

/** What a device does in one go. */
export interface Graph extends Disposable {
  /** Does it again, on what the tensors that it read hold now. */
  replay(): void
}

/**
 * Records what `body` launches on a CUDA device, without running it (CUDA graphs). `body` must not wait for values, and
 * shapes, addresses and plain numbers are those of the recording for ever. Tensors that it makes have values after a
 * `replay`. @throws TorchError if something in it cannot be recorded; the device can be used on
 */
export function recordGraph(device: string, body: () => void): Graph {
  const graph = native.recordGraph!(device, body)
  return {
    replay: () => native.replayGraph(graph),
    [Symbol.dispose]: () => native.dropGraph(graph),
  }
}
