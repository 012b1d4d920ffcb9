import { tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classesOf } from '../losses/shard.js'
import { reshard } from './reshard.js'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('shards', () => {
  it('are as long as Partial FC makes them, one after the other', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 9 }), (classes, world) => {
        let next = 0
        for (const rank of range(world)) {
          const { start, count } = classesOf({ rank, world }, classes)
          expect(start).toBe(next)
          expect(count).toBe(Math.floor(classes / world) + (rank < classes % world ? 1 : 0))
          next += count
        }
        expect(next).toBe(classes)
      }),
    )
  })

  it('go from any number of ranks to any other', () => {
    const worlds = fc.integer({ min: 1, max: 5 })
    const classes = fc.integer({ min: 5, max: 20 })
    const perClass = fc.integer({ min: 1, max: 3 })
    fc.assert(
      fc.property(worlds, worlds, classes, perClass, (before, after, classes, perClass) => {
        const rowsOf = (rank: number, world: number) => {
          const { start, count } = classesOf({ rank, world }, classes)
          return range(count * perClass).map((i) => start * perClass + i)
        }
        const saved = range(before).map((rank) => {
          const rows = rowsOf(rank, before)
          return new Map([
            ['head.weight.momentum', tensor(rows, [rows.length, 1])],
            ['backbone.fc.weight.momentum', tensor([rank, 7])],
            ['head.weight.step', tensor([rank])],
          ])
        })
        for (const rank of range(after)) {
          const own = reshard(saved, { rank, world: after }, classes)
          const momentum = own.get('head.weight.momentum')!
          expect([...momentum.toFloat32Array()]).toEqual(rowsOf(rank, after))
          expect([...own.get('backbone.fc.weight.momentum')!.toFloat32Array()]).toEqual([0, 7])
          expect(own.get('head.weight.step')!.item()).toBe(0)
        }
      }),
      { numRuns: 50 },
    )
  })
})
