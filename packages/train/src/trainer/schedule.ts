/**
 * Learning rate of step `step` (from 0) of `total`: linear from lr/warmupSteps, then polynomial to 0
 * (arcface_torch, lr_scheduler.py).
 */
export function learningRate(
  step: number,
  total: number,
  { lr, warmup, decayPower }: { lr: number; warmup: number; decayPower: number },
): number {
  const warmupSteps = Math.round(warmup * total)
  if (step < warmupSteps) return (lr * (step + 1)) / warmupSteps
  return lr * (1 - (step - warmupSteps) / (total - warmupSteps)) ** decayPower
}

/** Margin of step `step` of `total`: linear from 0 over the first `marginWarmup` of the steps. */
export function marginAt(
  step: number,
  total: number,
  { margin, marginWarmup }: { margin: number; marginWarmup: number },
): number {
  const warmupSteps = Math.round(marginWarmup * total)
  return step < warmupSteps ? (margin * step) / warmupSteps : margin
}
