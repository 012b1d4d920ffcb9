import { beforeEach, describe, expect, it } from 'vitest'
import { empty } from '../generated/ops.js'
import { codeOf, values } from '../numeric.test.support.js'
import { manualSeed } from '../random.js'
import type { Tensor } from '../tensor.js'
import { constant, fans, kaimingNormal, normal, torchDefault, uniform } from './init.js'

beforeEach(() => manualSeed(1))

/** Mean, standard deviation, and the share of values within one deviation of the mean. */
function statistics(of: Tensor) {
  const all = values(of)
  const mean = all.reduce((a, b) => a + b, 0) / all.length
  const std = Math.sqrt(all.reduce((s, v) => s + (v - mean) ** 2, 0) / all.length)
  const within = all.filter((v) => Math.abs(v - mean) < std).length / all.length
  return { mean, std, within, least: Math.min(...all), most: Math.max(...all) }
}
// 72,000 values: four standard errors are below 1.5 % of the deviation.
const weight = () => empty([100, 80, 3, 3])
const gaussian = 0.6827
const flat = 1 / Math.sqrt(3)

describe('what a weight begins with', () => {
  it('spreads by the fans', () => {
    expect(fans(weight())).toEqual({ fanIn: 720, fanOut: 900 })
    expect(fans(empty([5, 7]))).toEqual({ fanIn: 7, fanOut: 5 })
  })

  const normals: [string, (w: Tensor) => Tensor, number, number][] = [
    ['normal', (w) => normal(w, 3, 0.5), 3, 0.5],
    ['normal of its own', (w) => normal(w), 0, 1],
    ['kaimingNormal', (w) => kaimingNormal(w), 0, Math.sqrt(2 / 720)],
    ['kaimingNormal of the fan-out', (w) => kaimingNormal(w, 'fanOut'), 0, Math.sqrt(2 / 900)],
  ]
  it.each(normals)('%s is a normal distribution', (_, fill, mean, std) => {
    const seen = statistics(fill(weight()))
    expect(Math.abs(seen.mean - mean)).toBeLessThan(0.015 * std)
    expect(Math.abs(seen.std / std - 1)).toBeLessThan(0.015)
    expect(Math.abs(seen.within - gaussian)).toBeLessThan(0.007)
  })

  const uniforms: [string, (w: Tensor) => Tensor, number, number][] = [
    ['uniform', (w) => uniform(w, 2, 5), 2, 5],
    ['torchDefault', (w) => torchDefault(w, 25), -0.2, 0.2],
  ]
  it.each(uniforms)('%s is a uniform distribution', (_, fill, from, to) => {
    const seen = statistics(fill(weight()))
    const std = (to - from) / Math.sqrt(12)
    expect([seen.least >= Math.fround(from), seen.most <= Math.fround(to)]).toEqual([true, true])
    expect(Math.abs(seen.mean - (from + to) / 2)).toBeLessThan(0.015 * std)
    expect(Math.abs(seen.std / std - 1)).toBeLessThan(0.015)
    expect(Math.abs(seen.within - flat)).toBeLessThan(0.008)
  })

  it('is a constant, or what the seed decides', () => {
    expect(new Set(values(constant(weight(), 0.25)))).toEqual(new Set([0.25]))
    const of = (seed: number) => {
      manualSeed(seed)
      return values(kaimingNormal(empty([4, 4])))
    }
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })

  it('is filled in the trained tensor itself, and not recorded', () => {
    const trained = empty([4, 4])
    trained.requiresGrad = true
    expect(normal(trained)).toBe(trained)
    expect(codeOf(() => trained.backward(empty([4, 4])))).toBe('no error') // still a leaf
    expect(codeOf(() => normal(trained, 0, -1))).toBe('TORCH_OPERATOR')
    expect(codeOf(() => uniform(trained, 2, 1))).toBe('TORCH_OPERATOR')
  })
})
