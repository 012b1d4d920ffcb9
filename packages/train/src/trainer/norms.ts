import type { FolderDataset } from '@arcface/data'
import { noGrad, ops, scope, type Tensor, trace } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { borrow, isHandle } from '../export/call.js'
import { PUT_BACK, PUT_BACK_EPSILON } from '../import/index.js'
import type { Training } from '../step/training.js'
import type { TrainEvents } from './events.js'
import { passOver } from './pass.js'

const BATCH = 16
/** Images that are looked at, spread evenly over the data: the means and variances of a channel change no more. */
const MOST = 4096

/** A batch normalisation that was put back, and sums over its inputs. */
interface Norm {
  mean: Tensor
  sum: Tensor
  squares: Tensor
  count: Tensor
}

/**
 * `model.unfold`: gives each batch normalisation that was put back the statistics of its inputs on the training images
 * (as they are), and the scale and shift with which it still does what it did: the function of the network stays.
 * @returns false if it was aborted: then nothing was changed
 */
export async function measureNorms(
  training: Pick<Training, 'backbone' | 'average' | 'team'>,
  { train }: Config,
  { samples }: Pick<FolderDataset, 'samples'>,
  events: Pick<TrainEvents, 'onPass' | 'signal'>,
): Promise<boolean> {
  const { backbone, average, team } = training
  const state = backbone.stateDict()
  const norms = new Map<string, Norm>()
  for (const [name, mean] of state)
    if (name.endsWith(`${PUT_BACK}.running_mean`)) {
      const zeros = (shape: number[]) => ops.zeros(shape, 'float64', null, mean.device)
      const sums = noGrad(() => ({
        sum: zeros(mean.shape),
        squares: zeros(mean.shape),
        count: zeros([]),
      }))
      norms.set(name.slice(0, -'.running_mean'.length), { mean, ...sums })
    }
  const byMean = new Map([...norms.values()].map((norm) => [norm.mean.handle, norm]))
  const listen = (name: string, [x, , , mean]: readonly unknown[]) => {
    const norm = name === 'arcface::batch_norm' && byMean.get(mean as never)
    if (norm && isHandle(x as never)) add(norm, borrow(x as never))
  }
  const every = Math.max(1, Math.ceil(samples.length / MOST))
  const own = samples.filter((_, i) => i % every === 0 && (i / every) % team.world === team.rank)
  try {
    const see = (input: Tensor) => void trace(listen, () => backbone.call(input))
    const pass = { what: 'statistics', samples: own, batch: BATCH, see }
    if (!(await passOver(pass, training, train, events))) return false
    for (const [name, norm] of norms) {
      for (const one of [norm.sum, norm.squares, norm.count]) team.sum_(one)
      noGrad(() => scope(() => settle(norm, (part) => state.get(`${name}.${part}`)!)))
    }
    average?.begin(backbone)
    return true
  } finally {
    for (const { sum, squares, count } of norms.values())
      for (const one of [sum, squares, count]) one.dispose()
  }
}

function add({ sum, squares, count }: Norm, x: Tensor): void {
  const total = (of: Tensor) => ops.toDtype(ops.sumDim(of, [0, 2, 3]), 'float64')
  ops.add_(sum, total(x))
  ops.add_(squares, total(ops.mul(x, x)))
  ops.add_(count, x.size / x.shape[1]!)
}

/** From (z - m) g + b with unit variance to (z - mean) / sqrt(variance + e) g' + b', the same. */
function settle({ mean, sum, squares, count }: Norm, part: (name: string) => Tensor): void {
  const found = ops.div(sum, count)
  const variance = ops.clamp(ops.sub(ops.div(squares, count), ops.mul(found, found)), 0)
  ops.copy_(part('weight'), ops.sqrt(ops.add(variance, PUT_BACK_EPSILON)))
  ops.copy_(part('bias'), ops.sub(found, mean))
  ops.copy_(part('running_var'), variance)
  ops.copy_(mean, found)
}
