import type { nn, optim } from '@arcface/libtorch'
import type { Distillation } from '../distill/distillation.js'
import type { Team } from '../distributed/team.js'
import type { Loss } from '../losses/index.js'
import type { Beginning } from '../weights/begin.js'
import type { Average } from './average.js'
import type { LossScale } from './loss-scale.js'
import type { Recorder } from './recorder.js'

/** Everything that training changes. Its memory goes with `using`, at the latest with the garbage collector. */
export interface Training extends Disposable {
  backbone: nn.Module
  head: Loss
  optimizer: optim.SGD
  /** What is made of the backbone's weights, if anything: a moving average, or a mix with those of the start. */
  average: Average | null
  /** What it is compared with beside, if there is a teacher. */
  distillation: Distillation | null
  /** What the loss is multiplied with for backward, where that is in float16. */
  scale: LossScale | null
  /** What makes graphs of its steps, where they can be. */
  recorder: Recorder | null
  /** The processes that train it. */
  team: Team
  /** Number of people, of whom the head may have a part. */
  classes: number
  /** What became of the weights to begin with, if any were named. */
  beginning: Beginning | null
}

/** The network that is verified, loaded and exported. */
export const networkOf = ({ average, backbone }: Training): nn.Module =>
  average?.network ?? backbone
