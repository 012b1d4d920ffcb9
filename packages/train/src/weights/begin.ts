import type { nn, Tensor } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { mxnetNames } from './mxnet-names.js'
import { readTensors } from './read.js'

/** What a network took of foreign weights. */
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

/**
 * Copies into a network what fits by name and shape. A prefix `module.` or `backbone.` of all names is taken off;
 * MXNet's names of the paper's ResNets are translated.
 * @throws TrainError TRAIN_WEIGHTS if nothing fits; DataError or TorchError if the file cannot be read
 */
export function beginWith(path: string, network: nn.Module): Beginning {
  const own = network.stateDict()
  const all = readTensors(path)
  try {
    const given = mxnetNames(withoutPrefix(all))
    const fitting = new Map<string, Tensor>()
    const report: Beginning = { path, matched: 0, missing: [], unexpected: [], reshaped: [] }
    for (const [name, value] of given) {
      const wanted = own.get(name)
      if (!wanted) report.unexpected.push(name)
      else if (wanted.shape.join() !== value.shape.join()) report.reshaped.push(name)
      else fitting.set(name, value)
    }
    report.missing = [...own.keys()].filter((name) => !given.has(name))
    report.matched = fitting.size
    if (fitting.size === 0)
      throw new TrainError(
        'TRAIN_WEIGHTS',
        `${path}: none of its ${all.size} tensors fits the network by name and shape (it has ${firstOf(all)}, the network ${firstOf(own)}). Choose the backbone that these weights are of.`,
      )
    network.loadStateDict(fitting, { strict: false })
    return report
  } finally {
    for (const one of all.values()) one.dispose()
  }
}

function withoutPrefix(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  for (const prefix of ['module.', 'backbone.'])
    if ([...tensors.keys()].every((name) => name.startsWith(prefix)))
      return new Map([...tensors].map(([name, value]) => [name.slice(prefix.length), value]))
  return new Map(tensors)
}

const firstOf = (tensors: ReadonlyMap<string, Tensor>): string =>
  [...tensors.keys()].slice(0, 2).join(', ')
