import { TorchError } from '../errors.js'
import { native } from '../native.js'
import { Tensor } from '../tensor.js'
import type { Launch } from './environment.js'

/** `gloo` for CPUs, `nccl` for CUDA. */
export type Backend = 'gloo' | 'nccl'

export interface GroupOptions
  extends Pick<Launch, 'rank' | 'worldSize' | 'masterAddr' | 'masterPort' | 'masterFile'> {
  backend: Backend
  /** Milliseconds that one rank waits for another. Default 30 minutes, as PyTorch. */
  timeout?: number
}

/** Backends that this libtorch was built with; none where it has no c10d or its headers are missing. */
export const backends = (): readonly string[] => native.backends

/**
 * The processes that work together: PyTorch's c10d. All ranks call the same collectives in the same order; each waits
 * for the others, and blocks the event loop meanwhile.
 *
 * Collectives throw TORCH_PEER_LOST at once when the connection to another rank is gone, and TORCH_TIMEOUT when one
 * does not come for `timeout`.
 */
export class ProcessGroup {
  readonly rank: number
  readonly worldSize: number
  #left = false

  constructor({ rank, worldSize }: Pick<GroupOptions, 'rank' | 'worldSize'>) {
    this.rank = rank
    this.worldSize = worldSize
  }

  /** Replaces the tensor by the sum, or the greatest, over the ranks; not recorded for backward. */
  allReduce(tensor: Tensor, reduction: 'sum' | 'max' = 'sum'): Tensor {
    native.teamAllReduce(tensor.handle, reduction)
    return tensor
  }
  /** Gives every rank the tensors of rank `root`, in place. */
  broadcast(tensors: readonly Tensor[], root = 0): void {
    native.teamBroadcast(
      tensors.map((one) => one.handle),
      root,
    )
  }
  /** The tensors [N, ...] of all ranks, rank after rank: [world x N, ...]. Shapes must be equal. */
  allGather(tensor: Tensor): Tensor {
    return new Tensor(native.teamAllGather(tensor.handle))
  }
  /**
   * `allGather` that is recorded for backward: the gradient of a rank's own rows is the sum of the gradients that all
   * ranks have for them, times a whole number: the world's size where a Reducer then averages over the ranks what is
   * to be summed.
   */
  gatherRows(tensor: Tensor, gradientFactor = 1): Tensor {
    return new Tensor(native.teamGatherRows(tensor.handle, gradientFactor))
  }
  /**
   * Seconds that this process has spent with the others: in the collectives above, within backward too, and in what a
   * Reducer has left to wait for when the last gradient is there.
   */
  get seconds(): number {
    return native.communicationSeconds()
  }
  /** Waits until every rank is here. */
  barrier(): void {
    native.teamBarrier()
  }

  /** Sets a key of the store that all ranks see. */
  set(key: string, value: string): void {
    native.storeSet(key, value)
  }
  /** The value of a key; waits until some rank sets it. */
  get(key: string): string {
    return native.storeGet(key)
  }
  /** Whether a key is set. */
  has(key: string): boolean {
    return native.storeCheck(key)
  }

  /** Closes the connections to the other ranks, whose collectives fail from here on; the store stays. */
  disconnect(): void {
    native.leaveTeam(true)
  }
  /** Leaves for good. With rank 0 goes the store. */
  destroy(): void {
    if (!this.#left) native.leaveTeam(false)
    this.#left = true
  }
}

/**
 * Joins the other processes: waits until all are there. One group a process at a time.
 * @throws TorchError TORCH_GROUP if there is no such backend, TORCH_PORT if rank 0 cannot have the port, TORCH_TIMEOUT
 * or TORCH_PEER_LOST if the others do not come
 */
export function initProcessGroup({
  backend,
  rank,
  worldSize,
  masterAddr,
  masterPort,
  masterFile = '',
  timeout = 30 * 60 * 1000,
}: GroupOptions): ProcessGroup {
  if (!native.backends.includes(backend))
    throw new TorchError(
      'TORCH_GROUP',
      `several processes need c10d with ${backend}, which this build does not have (it has: ${native.backends.join(', ') || 'none'}). On Debian and Ubuntu install libtorch-dev and libgloo-dev, then "make clean native".`,
    )
  const where = masterFile || `${masterAddr}:${masterPort}`
  try {
    native.joinTeam(backend, rank, worldSize, masterAddr, masterPort, timeout, masterFile)
  } catch (cause) {
    if (!(cause instanceof TorchError)) throw cause
    if (cause.code === 'TORCH_PORT')
      throw new TorchError(
        'TORCH_PORT',
        `rank 0 cannot listen at ${where}: another program has the port. Set MASTER_PORT to a free one, the same for all ranks.`,
        { cause },
      )
    if (cause.code !== 'TORCH_TIMEOUT' && cause.code !== 'TORCH_PEER_LOST') throw cause
    throw new TorchError(
      cause.code,
      `rank ${rank} did not meet all ${worldSize} ranks at ${where} within ${timeout / 1000} s (${cause.message.split('\n')[0]}). Start all of them, with the same MASTER_ADDR and MASTER_PORT.`,
      { cause },
    )
  }
  return new ProcessGroup({ rank, worldSize })
}
