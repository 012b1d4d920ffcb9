import { noGrad, ops, scope } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { WeightAverage } from './average.js'

const make = () => createBackbone('r10-small', { embeddingSize: 4, dropout: 0 })

describe('WeightAverage', () => {
  it('follows the recursion, in float64, for weights and statistics; counters are copied', () => {
    const source = make()
    const average = new WeightAverage(make(), 0.5, source)
    const names = ['fc.bias', 'features.running_mean'] as const
    const read = (network: typeof source, name: string) =>
      [...network.stateDict().get(name)!.toTypedArray()].map(Number)
    const wanted = names.map((name) => read(source, name))
    for (let step = 1; step <= 12; step++) {
      noGrad(() =>
        scope(() => {
          for (const name of names) {
            const value = source.stateDict().get(name)!
            ops.copy_(value, ops.randn(value.shape))
          }
          ops.add_(source.stateDict().get('features.num_batches_tracked')!, 1)
        }),
      )
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
