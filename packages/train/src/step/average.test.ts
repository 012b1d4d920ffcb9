import { type nn, noGrad, ops, scope } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { WeightAverage, WeightMix } from './average.js'

const make = () => createBackbone('r10-small', { embeddingSize: 4, dropout: 0 })
const names = ['fc.bias', 'features.running_mean'] as const

const read = (network: nn.Module, name: string) =>
  [...network.stateDict().get(name)!.toTypedArray()].map(Number)

/** Other weights and statistics; the counter counts. */
function moveOn(network: nn.Module): void {
  noGrad(() =>
    scope(() => {
      for (const name of names) {
        const value = network.stateDict().get(name)!
        ops.copy_(value, ops.randn(value.shape))
      }
      ops.add_(network.stateDict().get('features.num_batches_tracked')!, 1)
    }),
  )
}

describe('WeightAverage', () => {
  it('follows the recursion, in float64, for weights and statistics; counters are copied', () => {
    const source = make()
    const average = new WeightAverage(make(), 0.5, source)
    const wanted = names.map((name) => read(source, name))
    for (let step = 1; step <= 12; step++) {
      moveOn(source)
      average.update(source, step)
      const decay = Math.min(0.5, (1 + step) / (10 + step))
      names.forEach((name, i) => {
        const now = read(source, name)
        wanted[i] = wanted[i]!.map((old, j) => decay * old + (1 - decay) * now[j]!)
      })
    }
    names.forEach((name, i) => {
      read(average.network, name).forEach((value, j) => {
        expect(Math.abs(value - wanted[i]![j]!)).toBeLessThan(1e-6)
      })
    })
    expect(read(average.network, 'features.num_batches_tracked')).toEqual([12])
    expect(average.network.parameters().some((one) => one.requiresGrad)).toBe(false)
    source.dispose()
    average.network.dispose()
  })
})

describe('WeightMix', () => {
  it('lies between the weights of the start and those of now, whatever was between; counters are copied', () => {
    const source = make()
    const mix = new WeightMix(make(), make(), 0.3, source)
    const start = names.map((name) => read(source, name))
    for (let step = 0; step < 3; step++) {
      moveOn(source)
      mix.update(source)
    }
    names.forEach((name, i) => {
      const now = read(source, name)
      read(mix.network, name).forEach((value, j) => {
        expect(Math.abs(value - (0.7 * now[j]! + 0.3 * start[i]![j]!))).toBeLessThan(1e-6)
      })
      expect(read(mix.start, name)).toEqual(start[i])
    })
    expect(read(mix.network, 'features.num_batches_tracked')).toEqual([3])
    for (const one of [source, mix.network, mix.start]) one.dispose()
  })
})
