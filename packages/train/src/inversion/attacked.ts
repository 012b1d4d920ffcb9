import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type nn, noGrad, ops, scope, setNumThreads } from '@arcface/libtorch'
import type { PreprocessingInput } from '@arcface/onnx'
import { IMAGE_SIZE } from '@arcface/vision'
import { TrainError } from '../errors.js'
import type { Loss } from '../losses/index.js'
import { openNetwork } from '../run/network.js'
import { networkOf } from '../step/training.js'
import { openTrained } from '../trained/open.js'
import { observed } from './terms.js'

/** A network that is attacked, by somebody who has its weights. */
export interface Attacked extends Disposable {
  readonly network: nn.Module
  readonly device: string
  /** Whom it was trained on; null where that is not known. */
  readonly classes: readonly string[] | null
  /** The loss that it was trained with, with its centres; null where there are none. */
  readonly head: Loss | null
}

/**
 * Opens a run's best network with its head, or an ONNX file.
 * @param preprocessing what a file wants pixels to be, where it does not say so
 * @throws as `openNetwork`
 */
export async function openAttacked(
  model: string,
  preprocessing: PreprocessingInput | null,
): Promise<Attacked> {
  if (!statSync(model, { throwIfNoEntry: false })?.isDirectory()) {
    setNumThreads(availableParallelism())
    const { network } = await openNetwork(model, preprocessing)
    return {
      network,
      device: 'cpu',
      classes: null,
      head: null,
      [Symbol.dispose]: () => network.dispose(),
    }
  }
  const { training, config, classes } = openTrained(model)
  const network = networkOf(training).eval()
  const head = training.head.centres === null ? null : training.head.eval()
  return {
    network,
    device: config.train.device,
    classes: classes.length > 0 ? classes : null,
    head: head as Loss | null,
    [Symbol.dispose]: () => training[Symbol.dispose](),
  }
}

/** @throws TrainError TRAIN_RUN where it has no centres */
export function headOf({ head }: Attacked): Loss {
  if (head) return head
  throw new TrainError(
    'TRAIN_RUN',
    'a closed set wants the centres of a run: this model has none',
    {
      hint: 'Name a run that was trained with a loss of classes, or attack given embeddings (open).',
    },
  )
}

/** Whether it has layers whose statistics lead pixels. */
export const hasStatistics = ({ network, device }: Attacked): boolean =>
  noGrad(() =>
    scope(() => {
      const grey = ops.zeros([1, 3, IMAGE_SIZE, IMAGE_SIZE], 'float32', null, device)
      return observed(() => network.call(grey)).distance !== null
    }),
  )
