import { type nn, ops, scope, type Tensor } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { fromMxnet } from './mxnet-names.js'
import { withoutPrefix } from './prefix.js'
import { readTensors } from './read.js'

/** What a network took of foreign weights. Counters of batches, which play no part, are left out of all but `matched`. */
export interface Beginning {
  path: string
  /** Tensors that were taken. */
  matched: number
  /** Names that the network has and the weights do not. */
  missing: string[]
  /** Names that the weights have and the network does not. */
  unexpected: string[]
  /** Names that both have, with other shapes. */
  reshaped: string[]
}

/** Least share of a network's values that weights must bring, its last layer aside if it has another length. */
const LEAST = 0.5

/**
 * Copies into a network what fits by name and shape. What stands before all names is taken off, see `withoutPrefix`;
 * MXNet's names of the paper's ResNets and of MobileFaceNet are translated.
 * @param embedding length of the network's output
 * @throws TrainError TRAIN_WEIGHTS if less than half of the network's values fit, or some of those are NaN; DataError or TorchError if the file
 *   cannot be read
 */
export function beginWith(path: string, network: nn.Module, embedding: number): Beginning {
  const own = network.stateDict()
  const all = readTensors(path)
  try {
    return scope(() => {
      const given = withoutPrefix(fromMxnet(all), own)
      const fitting = new Map<string, Tensor>()
      const missing: string[] = []
      const reshaped: string[] = []
      for (const [name, { shape }] of own) {
        const value = given.get(name)
        if (value?.shape.join() === shape.join()) fitting.set(name, value)
        else if (value) reshaped.push(name)
        else if (!isCounter(name)) missing.push(name)
      }
      const unexpected = [...given.keys()].filter((name) => !own.has(name) && !isCounter(name))
      const report = { path, matched: fitting.size, missing, unexpected, reshaped }
      const counted = [...own].filter(([name, { shape }]) => {
        const isOutput = reshaped.includes(name) && shape[0] === embedding
        return !isCounter(name) && !isOutput
      })
      const values = (kept: typeof counted) => kept.reduce((sum, [, { size }]) => sum + size, 0)
      const share = values(counted.filter(([name]) => fitting.has(name))) / values(counted)
      if (!(share >= LEAST)) throw misfit(report, all, own, given, share)
      for (const [name, value] of fitting) refuseNaN(path, name, value)
      network.loadStateDict(fitting, { strict: false })
      return report
    })
  } finally {
    for (const one of all.values()) one.dispose()
  }
}

/** With one such number all embeddings are NaN from the first step on, and nobody knows why. */
function refuseNaN(path: string, name: string, value: Tensor): void {
  const finite = ops.isfinite(value).toTypedArray() as Uint8Array
  const bad = finite.reduce((count, one) => count + (one === 0 ? 1 : 0), 0)
  if (bad === 0) return
  throw new TrainError(
    'TRAIN_WEIGHTS',
    `${path}: ${bad} of the ${value.size} values of ${name} are NaN or infinite: what wrote it had diverged. Take weights from before that.`,
  )
}

const isCounter = (name: string): boolean => name.endsWith('num_batches_tracked')

type Named = ReadonlyMap<string, Tensor>

function misfit(
  { path, reshaped, missing }: Beginning,
  all: Named,
  own: Named,
  given: Named,
  share: number,
): TrainError {
  const [other] = reshaped
  const [absent] = missing
  const shape = (of: Named, name: string) => `[${of.get(name)!.shape.join(', ')}]`
  const why = [
    ...(share > 0 ? [] : [`they have ${firstOf(all)}, the network ${firstOf(own)}`]),
    ...(other === undefined
      ? []
      : [
          `${reshaped.length} are of another shape, as ${other}: ${shape(given, other)}, in the network ${shape(own, other)}`,
        ]),
    ...(absent === undefined ? [] : [`${missing.length} are missing, as ${absent}`]),
  ]
  return new TrainError(
    'TRAIN_WEIGHTS',
    `${path}: its ${all.size} tensors bring ${(100 * share).toFixed(1)} % of the network's values (${why.join('; ')}), so that it would begin from scratch. Choose the backbone that these weights are of, or leave model.weights out.`,
  )
}

const firstOf = (tensors: Named): string => [...tensors.keys()].slice(0, 2).join(', ')
