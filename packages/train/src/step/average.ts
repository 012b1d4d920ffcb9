import { type nn, noGrad, ops, scope } from '@arcface/libtorch'

/**
 * A moving average of a network's weights and running statistics: average += (1 - d) (weights - average) after each
 * step, with d = min(decay, (1 + t) / (10 + t)) at step t, so that the first weights are soon forgotten (Polyak and
 * Juditsky 1992; the warm-up is TensorFlow's ExponentialMovingAverage). Counters are copied.
 */
export class WeightAverage {
  /** @param network of the same architecture, whose weights become the average; owned from here on */
  constructor(
    readonly network: nn.Module,
    readonly decay: number,
    source: nn.Module,
  ) {
    network.loadStateDict(source.stateDict())
    network.eval()
    for (const one of network.parameters()) one.requiresGrad = false
  }

  /** Takes in the weights after `step` steps. */
  update(source: nn.Module, step: number): void {
    const share = 1 - Math.min(this.decay, (1 + step) / (10 + step))
    const weights = source.stateDict()
    noGrad(() =>
      scope(() => {
        for (const [name, average] of this.network.stateDict()) {
          const value = weights.get(name)!
          if (average.dtype.includes('float'))
            ops.add_(average, ops.mul(ops.sub(value, average), share))
          else ops.copy_(average, value)
        }
      }),
    )
  }
}
