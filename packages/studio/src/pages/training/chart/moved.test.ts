import fc from 'fast-check'
import { expect, it } from 'vitest'
import { moved, within } from './moved.js'

const whole = [0, 1000] as const

it('zooms around the middle, pans by shares, and ends where the steps do', () => {
  expect(moved(whole, whole, 0, 0.5)).toEqual([250, 750])
  expect(moved([250, 750], whole, 0.25)).toEqual([375, 875])
  expect(moved([600, 900], whole, 0.5)).toEqual([700, 1000])
  expect(moved([250, 750], whole, 0, 2)).toBeNull()
  expect(within([10, 10], whole)).toEqual([10, 12])
})

it('stays within the steps', () => {
  const number = fc.double({ noNaN: true, min: -5000, max: 5000 })
  fc.assert(
    fc.property(number, number, (a, b) => {
      const part = within([Math.min(a, b), Math.max(a, b)], whole)
      if (part === null) return
      expect(part[0]).toBeGreaterThanOrEqual(0)
      expect(part[1]).toBeLessThanOrEqual(1000)
      expect(part[0]).toBeLessThan(part[1])
    }),
  )
})
