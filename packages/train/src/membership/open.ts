import type { FolderDataset } from '@arcface/data'
import type { EmbedFn, HeadScores } from '@arcface/evaluate'
import { noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { cosines } from '../losses/cosines.js'
import { ClassLoss, CosineLoss } from '../losses/index.js'
import { embedder } from '../network/embed.js'
import { networkOf } from '../step/training.js'
import { openTrained } from '../trained/open.js'
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
  const { training, config, classes } = openTrained(run)
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
