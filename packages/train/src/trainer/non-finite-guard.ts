import { join } from 'node:path'
import { type Batch, imageName, type Sample } from '@arcface/data'
import { makeFolder } from '@arcface/files'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { writeWhole } from '../run/folder.js'
import type { StepOutcome } from '../step/outcome.js'

/** Steps in a row that may fail before training stops whatever the policy. */
const PATIENCE = 10

type Checked = Pick<StepOutcome, 'nonFinite' | 'loss' | 'lr' | 'gradNorm'>

/** What a run does about steps that are not finite: `train.onNonFinite`. */
export class NonFiniteGuard {
  #inARow = 0

  /** @param lrShare of the learning rate; `lower-lr` halves it at each failure */
  constructor(
    readonly run: string,
    readonly policy: Config['train']['onNonFinite'],
    readonly samples: readonly Sample[],
    public lrShare: number,
    readonly rank = 0,
  ) {}

  /**
   * Looks at a step that was done. Of one that failed it writes `non-finite/step-N.json` with the batch, rank R above 0
   * `step-N-rank-R.json` with its own.
   * @returns a warning where the run goes on without the step
   * @throws TrainError TRAIN_NON_FINITE if the policy is `stop`, or after ten such steps in a row
   */
  check(step: number, outcome: Checked, { indices }: Pick<Batch, 'indices'>): string | null {
    const { nonFinite, loss, lr, gradNorm } = outcome
    if (nonFinite === null) {
      this.#inARow = 0
      return null
    }
    const folder = join(this.run, 'non-finite')
    const file = join(folder, `step-${step}${this.rank > 0 ? `-rank-${this.rank}` : ''}.json`)
    const images = [...indices].map((index) => {
      const sample = this.samples[index]
      return { index, path: sample && imageName(sample) }
    })
    makeFolder(folder)
    // Numbers as text: JSON knows no NaN.
    const figures = { loss: String(loss), lr: String(lr), gradNorm: String(gradNorm) }
    writeWhole(file, JSON.stringify({ step, part: nonFinite, ...figures, images }, null, 2))
    const what = `step ${step}: ${nonFinite} is not finite (loss ${loss}, gradient norm ${gradNorm}; the batch is listed in ${file})`
    if (this.policy === 'stop' || ++this.#inARow >= PATIENCE)
      throw new TrainError(
        'TRAIN_NON_FINITE',
        `${what}. Lower optimizer.lr, lengthen optimizer.warmup or loss.marginWarmup, then resume from the last checkpoint; or set train.onNonFinite to skip or lower-lr.`,
      )
    if (this.policy === 'skip') return `${what}; the step is skipped`
    this.lrShare /= 2
    return `${what}; the step is skipped, the learning rate is ${this.lrShare} of the schedule's from here on`
  }
}
