import { tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LossScale } from './loss-scale.js'

const read = (scale: LossScale) =>
  [...scale.stateDict().values()].map((one) => one.toFloat32Array()[0]!)
const skipped = (is: boolean) => tensor([is ? 1 : 0])

describe('LossScale', () => {
  it('halves at an overflow and doubles after so many good steps, as GradScaler; a copy goes on alike', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(60),
        (overflows, interval, saved) => {
          let scale = new LossScale('cpu', interval)
          let [value, good] = [65_536, 0]
          for (const [i, overflow] of overflows.entries()) {
            if (i === saved) {
              const copy = new LossScale('cpu', interval)
              copy.loadStateDict(scale.stateDict())
              scale.dispose()
              scale = copy
            }
            scale.update(skipped(overflow))
            if (overflow) [value, good] = [value / 2, 0]
            else if (++good === interval) [value, good] = [value * 2, 0]
            if (value > 2 ** 100) return
            expect(read(scale)).toEqual([value, good])
          }
          scale.dispose()
        },
      ),
    )
  })

  it('doubles for the first time after 2000 steps', () => {
    const scale = new LossScale('cpu')
    const values = Array.from({ length: 2001 }, () => {
      scale.update(skipped(false))
      return read(scale)[0]
    })
    expect([values[0], values[1998], values[1999], values[2000]]).toEqual([
      65_536, 65_536, 131_072, 131_072,
    ])
    scale.dispose()
  })
})
