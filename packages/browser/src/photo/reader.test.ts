import { describe, expect, it } from 'vitest'
import { rgbOf } from './reader.js'

describe('rgbOf', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 101])('leaves out the transparency of %i pixels', (width) => {
    const height = 3
    const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i * 37) % 251)
    const photo = rgbOf({ width, height, data } as ImageData)
    const colours = [...data].filter((_, i) => i % 4 !== 3)
    expect(photo).toMatchObject({ width, height })
    expect([...photo.pixels]).toEqual(colours)
  })
})
