import type { Config } from '../config/schema.js'
import type { Moment } from '../losses/index.js'

/**
 * Learning rate of step `step` (from 0) of `total`: linear from lr/warmupSteps, then polynomial to 0
 * (arcface_torch, lr_scheduler.py) or half a cosine (SGDR, arXiv 1608.03983, equation 5).
 */
export function learningRate(
  step: number,
  total: number,
  {
    lr,
    warmup,
    schedule,
    decayPower,
  }: Pick<Config['optimizer'], 'lr' | 'warmup' | 'schedule' | 'decayPower'>,
): number {
  const warmupSteps = Math.round(warmup * total)
  if (step < warmupSteps) return (lr * (step + 1)) / warmupSteps
  const done = (step - warmupSteps) / (total - warmupSteps)
  return schedule === 'cosine'
    ? (lr * (1 + Math.cos(Math.PI * done))) / 2
    : lr * (1 - done) ** decayPower
}

/** Where step `step` of `total` stands in the warm-ups of margin and scale. */
export function momentAt(
  step: number,
  total: number,
  {
    marginWarmup,
    scaleWarmup,
    scale,
  }: Pick<Config['loss'], 'marginWarmup' | 'scaleWarmup'> & { scale?: unknown },
): Moment {
  const marginShare = shareOf(step, marginWarmup * total)
  if (scaleWarmup === null || typeof scale !== 'number') return { step, marginShare, scale: null }
  const { from, over } = scaleWarmup
  return { step, marginShare, scale: from + (scale - from) * shareOf(step, over * total) }
}

/** 0 to 1 over the first `length` steps. */
const shareOf = (step: number, length: number): number => {
  const whole = Math.round(length)
  return step < whole ? step / whole : 1
}
