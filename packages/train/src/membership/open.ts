import { availableParallelism } from 'node:os'
import type { FolderDataset } from '@arcface/data'
import type { EmbedFn, HeadScores } from '@arcface/evaluate'
import { noGrad, ops, scope, setNumThreads, type Tensor, tensor } from '@arcface/libtorch'
import { loadCheckpoint } from '../checkpoint/load.js'
import { Team } from '../distributed/team.js'
import { cosines } from '../losses/cosines.js'
import { ClassLoss, CosineLoss } from '../losses/index.js'
import { deviceProblem } from '../network/device.js'
import { embedder } from '../network/embed.js'
import { fileOfRun } from '../run/backbone.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { readRun } from '../run/folder.js'
import { buildTraining } from '../step/build.js'
import { networkOf } from '../step/training.js'
import { openRunData } from '../trainer/data.js'

/** A run's best network with its head, as who has the run folder has them. */
export interface AuditedRun {
  readonly embed: EmbedFn
  /** Null where the loss has no classes. */
  readonly head: {
    readonly classes: readonly string[]
    /** Of raw embeddings, N x dim. */
    scores(rows: Float32Array, n: number): HeadScores
  } | null
  close(): Promise<void>
}

/** What a run was trained on, as it lies there now. @throws TrainError TRAIN_RUN, TRAIN_DATA; DataError */
export const trainedOn = (run: string): FolderDataset => openRunData(run)

/** @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_WEIGHTS */
export function openAuditedRun(run: string): AuditedRun {
  const { config: stored, classes } = readRun(run)
  const { train } = stored
  const device = deviceProblem(train.device) === null ? train.device : 'cpu'
  // Blocks and samples of classes are for training: here logits are wanted of all.
  const head = { ...stored.head, blocked: false, sample: 1 }
  const config = { ...stored, head, train: { ...train, device } }
  setNumThreads(train.threads || availableParallelism())
  const training = buildTraining(config, classes.length, Team.alone(), fileOfRun(run, config))
  try {
    loadCheckpoint(findCheckpoint(run, 'best'), training)
  } catch (error) {
    training[Symbol.dispose]()
    throw error
  }
  const loss = training.head.eval()
  return {
    embed: embedder(networkOf(training), config.train),
    head:
      loss instanceof ClassLoss && classes.length > 0
        ? { classes, scores: (rows, n) => scoresOf(loss, tensor(rows, [n, rows.length / n])) }
        : null,
    close: async () => training[Symbol.dispose](),
  }
}

function scoresOf(loss: ClassLoss, embeddings: Tensor): HeadScores {
  const { classes, weight } = loss
  loss.schedule({ step: 0, marginShare: 0, scale: null })
  return noGrad(() =>
    scope(() => {
      const there = ops.to(embeddings, weight.device, 'float32')
      const n = there.shape[0]!
      const values = (all: Tensor) => ops.to(all, 'cpu', 'float32').toFloat32Array()
      if (loss instanceof CosineLoss) {
        const own = loss.similarities(there)
        return { classes, cosines: values(own), logits: values(ops.mul(own, loss.scale)) }
      }
      // Without a margin a loss asks for the label only to put none in.
      const nobody = ops.zeros([n], 'int64', null, weight.device)
      const logits = values(loss.logits(there, nobody))
      return { classes, cosines: values(cosines(there, weight)), logits }
    }),
  )
}
