import { autocast, noGrad, ops, scope } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import type { Team } from '../distributed/team.js'

/** How much faster a convolution must be in bfloat16 before its coarser sums are worth it. */
const GAIN = 1.2
const ROUNDS = 5

/** The configuration with `train.precision: auto` decided, by all ranks together: what this machine computes faster. */
export function settlePrecision(config: Config, team: Team): Config {
  if (config.train.precision !== 'auto') return config
  const [fp32, bf16] = team.average(measure(config.train)) as [number, number]
  return { ...config, train: { ...config.train, precision: fasterOf(fp32, bf16) } }
}

/** The precision to train in, by the times that a convolution takes in each. */
export const fasterOf = (fp32: number, bf16: number): 'fp32' | 'bf16' =>
  bf16 * GAIN < fp32 ? 'bf16' : 'fp32'

/** Milliseconds of a 3x3 convolution of 128 channels in float32, and under bfloat16 autocast. */
function measure({ device, memoryFormat }: Config['train']): [number, number] {
  return noGrad(() =>
    scope(() => {
      const filled = (shape: number[]) =>
        ops.contiguous(ops.full(shape, 0.5, 'float32', null, device), memoryFormat)
      const [x, weight] = [filled([16, 128, 28, 28]), filled([128, 128, 3, 3])]
      const time = (dtype: 'bfloat16' | null) => {
        const start = performance.now()
        autocast(
          dtype,
          () => scope(() => ops.sum(ops.conv2d(x, weight, null, 1, 1)).item()),
          device.split(':')[0],
        )
        return performance.now() - start
      }
      const best: [number, number] = [Infinity, Infinity]
      // In turns, and the best of each: whatever else the machine does only adds time.
      for (let round = 0; round < ROUNDS; round++) {
        best[0] = Math.min(best[0], time(null))
        best[1] = Math.min(best[1], time('bfloat16'))
      }
      return best
    }),
  )
}
