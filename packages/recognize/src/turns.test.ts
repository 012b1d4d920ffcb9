import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortInTurns, Turns } from './turns.js'

it('sorts as arrays do, equal items in their order', async () => {
  const keys = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 0, max: 60 }), async (some, times) => {
      // Up to 18,000: several runs, and a last one that is not full.
      const items = Array.from({ length: times }, () => some)
        .flat()
        .map((key, i) => ({ key: (key * 7919 + i) % 51, i }))
      const expected = [...items].sort((a, b) => a.key - b.key)
      await sortInTurns(items, (a, b) => a.key - b.key, new Turns())
      expect(items).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

it('lets others have their turn', async () => {
  const turns = new Turns()
  let others = 0
  const tick = () => {
    others++
    setImmediate(tick).unref()
  }
  setImmediate(tick).unref()
  expect(turns.over).toBe(false)
  while (!turns.over);
  await turns.next()
  expect(others).toBeGreaterThan(0)
  expect(turns.over).toBe(false)
})
