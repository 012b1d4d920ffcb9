import type { nn, optim } from '@arcface/libtorch'
import type { Distillation } from '../distill/distillation.js'
import type { Team } from '../distributed/team.js'
import type { Loss } from '../losses/index.js'
import type { Beginning } from '../weights/begin.js'
import type { WeightAverage } from './average.js'

/** Everything that training changes. Its memory goes with `using`, at the latest with the garbage collector. */
export interface Training extends Disposable {
  backbone: nn.Module
  head: Loss
  optimizer: optim.SGD
  /** A moving average of the backbone, if there is one. */
  average: WeightAverage | null
  /** What it is compared with beside, if there is a teacher. */
  distillation: Distillation | null
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
