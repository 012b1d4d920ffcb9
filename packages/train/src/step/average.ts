import { type nn, noGrad, ops, scope, type Tensor } from '@arcface/libtorch'

/** A network beside the one that trains, made of its weights; it is what is verified, loaded and exported. */
export interface Average {
  readonly network: nn.Module
  /** The weights that it was begun with, where they play a part. */
  readonly start: nn.Module | null
  /** The training begins with these weights. */
  begin(source: nn.Module): void
  /** Takes in the weights after `step` steps. */
  update(source: nn.Module, step: number): void
}

/**
 * A moving average of a network's weights and running statistics: average += (1 - d) (weights - average) after each
 * step, with d = min(decay, (1 + t) / (10 + t)) at step t, so that the first weights are soon forgotten (Polyak and
 * Juditsky 1992; the warm-up is TensorFlow's ExponentialMovingAverage). Counters are copied.
 */
export class WeightAverage implements Average {
  readonly start = null

  /** @param network of the same architecture, whose weights become the average; owned from here on */
  constructor(
    readonly network: nn.Module,
    readonly decay: number,
    source: nn.Module,
  ) {
    still(network)
    this.begin(source)
  }

  begin(source: nn.Module): void {
    this.network.loadStateDict(source.stateDict())
  }

  update(source: nn.Module, step: number): void {
    const share = 1 - Math.min(this.decay, (1 + step) / (10 + step))
    const weights = source.stateDict()
    blend(
      this.network,
      (name, average) => ops.add_(average, ops.mul(ops.sub(weights.get(name)!, average), share)),
      weights,
    )
  }
}

/**
 * Weights and running statistics between those of the start and those of now: (1 - share) weights + share start (WiSE-FT,
 * Wortsman and others 2022, arXiv 2109.01903). What fine-tuning takes from those whom it was not about, comes back.
 */
export class WeightMix implements Average {
  /** @param network and start of the same architecture; owned from here on */
  constructor(
    readonly network: nn.Module,
    readonly start: nn.Module,
    readonly share: number,
    source: nn.Module,
  ) {
    still(network)
    still(start)
    this.begin(source)
  }

  begin(source: nn.Module): void {
    for (const one of [this.network, this.start]) one.loadStateDict(source.stateDict())
  }

  update(source: nn.Module): void {
    const weights = source.stateDict()
    const first = this.start.stateDict()
    blend(
      this.network,
      (name, mixed) => {
        const [now, start] = [weights.get(name)!, first.get(name)!]
        ops.copy_(mixed, ops.add(now, ops.mul(ops.sub(start, now), this.share)))
      },
      weights,
    )
  }
}

function still(network: nn.Module): void {
  network.eval()
  for (const one of network.parameters()) one.requiresGrad = false
}

/** Changes what is no counter; counters are copied. */
function blend(
  network: nn.Module,
  change: (name: string, value: Tensor) => void,
  weights: ReadonlyMap<string, Tensor>,
): void {
  noGrad(() =>
    scope(() => {
      for (const [name, value] of network.stateDict())
        if (value.dtype.includes('float')) change(name, value)
        else ops.copy_(value, weights.get(name)!)
    }),
  )
}
