import { isFailure, isVerify, type Metrics } from '../run/metrics.js'
import type { Scalar } from './writer.js'

const MIB = 2 ** 20

const degrees = (radians: number | null) => (radians === null ? null : (180 / Math.PI) * radians)

/** What TensorBoard shows of a line of metrics, in the units of people: degrees, MiB. What is null is left out. */
export function scalarsOf(line: Metrics): Scalar[] {
  if (isFailure(line)) return []
  if (isVerify(line)) {
    const { set, accuracy, auc, tarAtFar } = line
    return [
      [`verify/${set}/accuracy`, accuracy],
      [`verify/${set}/auc`, auc],
      ...Object.entries(tarAtFar).map(
        ([far, tar]): Scalar => [`verify/${set}/tar_at_far_${far}`, tar],
      ),
    ]
  }
  const {
    loss,
    lr,
    marginShare,
    gradNorm,
    headGradNorm,
    targetAngle,
    otherAngle,
    seconds,
    memory,
  } = line
  const { marginLoss = null, distillLoss = null, teacherCosine = null } = line
  const all: [string, number | null][] = [
    ['train/loss', loss],
    ['train/margin_loss', marginLoss],
    ['train/distill_loss', distillLoss],
    ['train/teacher_cosine', teacherCosine],
    ['train/target_angle_degrees', degrees(targetAngle)],
    ['train/other_angle_degrees', degrees(otherAngle)],
    ['train/learning_rate', lr],
    ['train/margin_share', marginShare],
    ['gradient_norm/backbone', gradNorm],
    ['gradient_norm/head', headGradNorm],
    ['speed/images_per_second', line.imagesPerSecond],
    ['speed/memory_mib', memory / MIB],
    ...Object.entries(seconds).map(([phase, value]): [string, number] => [
      `milliseconds_a_step/${phase}`,
      1000 * value,
    ]),
  ]
  return all.filter((one): one is [string, number] => one[1] !== null)
}
