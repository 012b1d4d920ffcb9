import { TorchError } from '../errors.js'

/** This process's place among those that work together. */
export interface Launch {
  rank: number
  worldSize: number
  /** Place among the processes of this machine, and their number. */
  localRank: number
  localWorldSize: number
  /** Where rank 0 listens. */
  masterAddr: string
  masterPort: number
  /**
   * What the ranks tell each other stands in this file instead of a server of rank 0, which listens on all addresses of
   * its machine, for anybody: for ranks of one machine.
   */
  masterFile?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What torchrun (and whoever sets its names, as Kubernetes' operators do) or Slurm says about this process: torchrun's
 * RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT come first, and our own MASTER_FILE. Null for a process that works
 * alone.
 * @throws TorchError TORCH_LAUNCH naming the variable that is missing or no number
 */
export function readLaunch(env: Environment): Launch | null {
  const number = (fallback: number | null, ...names: string[]) => readNumber(env, fallback, names)
  const worldSize = number(1, 'WORLD_SIZE', 'SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS')
  if (worldSize === 1) return null
  const rank = number(null, 'RANK', 'SLURM_PROCID')
  if (worldSize < 1 || rank >= worldSize)
    throw new TorchError(
      'TORCH_LAUNCH',
      `RANK ${rank} of WORLD_SIZE ${worldSize}: ranks count from 0 to one less than the world`,
    )
  const nodes = env.SLURM_STEP_NODELIST ?? env.SLURM_NODELIST ?? env.SLURM_JOB_NODELIST
  const masterAddr = env.MASTER_ADDR ?? (nodes && firstHost(nodes))
  if (!masterAddr)
    throw new TorchError(
      'TORCH_LAUNCH',
      `WORLD_SIZE is ${worldSize}, but MASTER_ADDR is missing: set it to the host of rank 0`,
    )
  return {
    rank,
    worldSize,
    localRank: number(0, 'LOCAL_RANK', 'SLURM_LOCALID'),
    localWorldSize: number(1, 'LOCAL_WORLD_SIZE', 'SLURM_NTASKS_PER_NODE'),
    masterAddr,
    // Two jobs on one machine must not meet: Slurm's numbers of jobs differ.
    masterPort: number(15000 + (Number(env.SLURM_JOB_ID ?? 14500) % 10000), 'MASTER_PORT'),
    ...(env.MASTER_FILE && { masterFile: env.MASTER_FILE }),
  }
}

/**
 * What CUDA_VISIBLE_DEVICES should be for a process that takes the GPU of its place on the machine, as torchrun starts
 * them; null where it works alone there or sees one GPU only, as `--nproc` and `srun --gpus-per-task=1` start them. To be
 * set before anything asks CUDA.
 * @throws TorchError TORCH_LAUNCH if there are fewer GPUs than processes
 */
export function ownGpu(env: Environment, { localRank, localWorldSize }: Launch): string | null {
  if (localWorldSize === 1) return null
  const gpus = env.CUDA_VISIBLE_DEVICES?.split(',')
  if (gpus?.length === 1) return null
  const own = gpus ? gpus[localRank] : String(localRank)
  if (own === undefined)
    throw new TorchError(
      'TORCH_LAUNCH',
      `LOCAL_RANK is ${localRank}, but CUDA_VISIBLE_DEVICES names ${gpus?.length} GPUs: start one process a GPU`,
    )
  return own
}

/** The first of the names that is set. */
function readNumber(env: Environment, fallback: number | null, names: readonly string[]): number {
  const name = names.find((one) => env[one] !== undefined && env[one] !== '')
  if (name === undefined) {
    if (fallback !== null) return fallback
    throw new TorchError('TORCH_LAUNCH', `${names[0]} is missing beside WORLD_SIZE`, {
      hint: 'Start the processes with torchrun, srun or another launcher that sets it.',
    })
  }
  const value = Number(env[name])
  if (!Number.isInteger(value) || value < 0)
    throw new TorchError('TORCH_LAUNCH', `${name} is ${env[name]}, which is no whole number`)
  return value
}

/** The first host of Slurm's list: `node[07-09,12],other` begins with node07. */
function firstHost(list: string): string {
  const [, name = '', first = ''] = /^([^[,]*)(?:\[([^\],-]*))?/.exec(list) ?? []
  return name + first
}
