import { availableParallelism } from 'node:os'
import {
  GradientReducer,
  initProcessGroup,
  manualSeed,
  type nn,
  ops,
  ownGpu,
  type ProcessGroup,
  readLaunch,
  scope,
  type Tensor,
  TorchError,
  tensor,
  upload,
} from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { shardLoss } from '../head/sharded-head.js'
import type { Loss, LossOptions, LossShape } from '../losses/index.js'
import { agree } from './agree.js'
import { explain } from './failure.js'

/** The processes that train one network together. One process alone is a team, too, and pays for nothing. */
export class Team {
  readonly rank: number
  readonly world: number
  readonly localRank: number
  readonly #localWorld: number
  readonly #group: ProcessGroup | null
  /** Where the ranks exchange tensors. */
  readonly #device: string
  #reducer: GradientReducer | null = null

  private constructor(
    group: ProcessGroup | null,
    localRank: number,
    localWorld: number,
    device = 'cpu',
  ) {
    this.#group = group
    this.rank = group?.rank ?? 0
    this.world = group?.worldSize ?? 1
    this.localRank = localRank
    this.#localWorld = localWorld
    this.#device = device
  }

  /** One process. */
  static alone(): Team {
    return new Team(null, 0, 1)
  }

  /** The team that the environment names: see `readLaunch`. Waits until all ranks are there. @throws TorchError */
  static join(device: string): Team {
    const launch = readLaunch(process.env)
    if (!launch) return Team.alone()
    const cuda = device.startsWith('cuda')
    const gpu = cuda ? ownGpu(process.env, launch) : null
    if (gpu !== null) process.env.CUDA_VISIBLE_DEVICES = gpu
    const group = initProcessGroup({ ...launch, backend: cuda ? 'nccl' : 'gloo' })
    return new Team(group, launch.localRank, launch.localWorldSize, device)
  }

  /** Whether this rank prints, measures and saves. */
  get leads(): boolean {
    return this.rank === 0
  }

  /** This machine's cores, dealt out to its ranks. */
  get threads(): number {
    return Math.max(1, Math.floor(availableParallelism() / this.#localWorld))
  }

  /** @throws TrainError TRAIN_RANKS if the ranks were started with different settings */
  agree(settings: unknown): void {
    if (this.#group) agree(this.#group, settings)
  }

  /** A loss whose centres are dealt out over the ranks, or null: then each rank has it whole. */
  shardLoss(options: LossOptions, shape: LossShape): Loss | null {
    return this.#group && shardLoss(options, shape, this.#group)
  }

  /**
   * Gives all ranks the weights of rank 0, and averages their gradients from here on. Centres that are dealt out are
   * each rank's own. Running statistics are, too, as in arcface_torch.
   */
  attach(backbone: nn.Module, head: Loss): void {
    const group = this.#group
    if (!group) return
    const shared = head.shard.world > 1 ? [backbone] : [backbone, head]
    scope(() => group.broadcast(shared.flatMap((one) => [...one.stateDict().values()])))
    const trained = shared.flatMap((one) => one.parameters()).filter((one) => one.requiresGrad)
    this.#reducer = new GradientReducer(group, trained)
  }

  /** Random numbers of this rank's own, for dropout. Rank 0 goes on as a process alone would. */
  seed(seed: number): void {
    if (this.rank > 0) manualSeed(BigInt(seed) * 1_000_003n + BigInt(this.rank))
  }

  /** Backward of the loss; the gradients are the means over the ranks. */
  backward(loss: Tensor): void {
    if (this.#reducer) this.#reducer.backward(loss)
    else loss.backward()
  }

  /** The means over the ranks; not finite where one is not. */
  average(values: readonly number[]): number[] {
    if (!this.#group) return [...values]
    return scope(() => {
      const given = upload(tensor(Float64Array.from(values)), this.#device)
      return Array.from(this.mean(given).toTypedArray(), Number)
    })
  }

  /** `average` of values on the device of the training, in their place. */
  mean(values: Tensor): Tensor {
    return this.#group ? ops.div_(this.#group.allReduce(values), this.world) : values
  }

  /** Replaces the values by their sums over the ranks. */
  sum_(values: Tensor): void {
    this.#group?.allReduce(values)
  }

  /** The rows of all ranks, rank after rank; shapes are equal. */
  gather(rows: Tensor): Tensor {
    const own = rows.detach()
    return this.#group ? this.#group.allGather(upload(own, this.#device)) : own
  }

  /** Seconds that this process has spent with the others so far. */
  get seconds(): number {
    return this.#group?.seconds ?? 0
  }

  /** Whether it is so on any rank. */
  any(condition: boolean): boolean {
    return this.#group ? this.average([condition ? 1 : 0])[0]! > 0 : condition
  }

  /** Waits for all ranks. */
  meet(): void {
    this.#group?.barrier()
  }

  /** Leaves after the work is done. */
  leave(): void {
    this.#reducer?.dispose()
    this.#group?.destroy()
  }

  /** Tells the other ranks of an error that ends this one; gives the error to throw, which names a rank that was lost. */
  explain(error: unknown): unknown {
    if (!this.#group) return error
    const lost =
      error instanceof TorchError &&
      (error.code === 'TORCH_PEER_LOST' || error.code === 'TORCH_TIMEOUT')
    const { code, message } = error as { code?: unknown; message?: unknown }
    const own = lost ? '' : `${code ?? 'error'}: ${message}`
    const known = explain(this.#group, own)
    if (!lost) return error
    return new TrainError(
      'TRAIN_RANK_LOST',
      `rank ${this.rank} stops: ${known} (${String(message).split('\n')[0]}).`,
      {
        cause: error,
        hint: 'The run can be resumed from its last checkpoint, on fewer or more ranks.',
      },
    )
  }
}
