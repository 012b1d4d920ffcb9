import type { Config } from '../config/schema.js'
import type { Scored, Standing } from '../run/checkpoint.js'
import type { Training } from '../step/training.js'
import { saveCheckpoint, scoreCheckpoint } from './save.js'

/** Writes the checkpoints of a run beside its steps, one at a time. */
export class CheckpointWriter {
  #inFlight: Promise<void> = Promise.resolve()
  #failure: { cause: unknown } | null = null

  /** @param onSaved is told the folder of each checkpoint that is whole */
  constructor(
    readonly run: string,
    readonly config: Config,
    readonly onSaved: (folder: string) => void = () => {},
  ) {}

  /** Resolves when the values are copied; waits for the checkpoint before. @throws what that one failed with */
  async save(training: Training, standing: Standing): Promise<void> {
    await this.settled()
    this.#inFlight = saveCheckpoint(this.run, training, standing, this.config).then(
      this.onSaved,
      (cause: unknown) => {
        this.#failure = { cause }
      },
    )
  }

  /** Adds to the checkpoint that was saved last what was measured of it. @throws as `save` */
  async score(scored: Scored): Promise<void> {
    await this.settled()
    scoreCheckpoint(this.run, scored, this.config)
  }

  /** @throws TrainError TRAIN_DISK_FULL if a checkpoint could not be written: the last good one is where it was */
  check(): void {
    const failure = this.#failure
    this.#failure = null
    if (failure) throw failure.cause
  }

  /** Waits until nothing is being written. @throws as `check` */
  async settled(): Promise<void> {
    await this.#inFlight
    this.check()
  }
}
