import { describe, expect, it } from 'vitest'
import { closing } from './reader.js'
import type { SentPhoto } from './source.js'

/** What of a bitmap counts here. */
const strip = () => {
  const one = { isClosed: false, close: () => Object.assign(one, { isClosed: true }) }
  return one
}

describe('pictures that were sent to the worker', () => {
  it('are closed when the work is done, and where it never came to them', async () => {
    const strips = [strip(), strip()]
    const photos = strips.map((one) => ({ kind: 'strips', strips: [one] }) as unknown as SentPhoto)
    expect(await closing([photos[0]!], async () => strips[0]!.isClosed)).toBe(false)
    const refused = async () => {
      throw new RangeError('an option')
    }
    await expect(closing([photos[1]!], refused)).rejects.toThrow('an option')
    expect(strips.map(({ isClosed }) => isClosed)).toEqual([true, true])
  })
})
