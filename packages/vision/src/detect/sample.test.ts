import { describe, expect, it } from 'vitest'
import { sampleSquare } from './sample.js'

/** Each pixel tells where it lies: red its column, green its row. */
function whereabouts(width: number, height: number) {
  const pixels = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++)
    pixels.set([i % width, Math.floor(i / width), 200], 3 * i)
  return { width, height, pixels }
}

const at = (rgb: Float32Array, side: number, u: number, v: number) => [
  ...rgb.subarray((v * side + u) * 3, (v * side + u + 1) * 3),
]

describe('sampleSquare', () => {
  const photo = whereabouts(40, 30)

  it('copies pixels where a sample is one', () => {
    const rgb = sampleSquare(photo, { x: 3, y: 5, width: 8, height: 8 }, 8)
    expect(at(rgb, 8, 0, 0)).toEqual([3, 5, 200])
    expect(at(rgb, 8, 7, 2)).toEqual([10, 7, 200])
  })

  it('gives the mean of two by two pixels, and of four by four', () => {
    const two = sampleSquare(photo, { x: 4, y: 2, width: 16, height: 16 }, 8)
    expect(at(two, 8, 1, 3)).toEqual([6.5, 8.5, 200])
    const four = sampleSquare(photo, { x: 4, y: 2, width: 24, height: 24 }, 6)
    expect(at(four, 6, 5, 1)).toEqual([25.5, 7.5, 200])
  })

  it('repeats a pixel that is larger than a sample', () => {
    const rgb = sampleSquare(photo, { x: 10, y: 10, width: 2, height: 2 }, 4)
    expect(at(rgb, 4, 1, 1)).toEqual([10, 10, 200])
    expect(at(rgb, 4, 2, 1)).toEqual([11, 10, 200])
  })

  it('is black beyond each border, and there alone', () => {
    const rgb = sampleSquare(photo, { x: -6, y: -1, width: 32, height: 32 }, 16)
    // Half of what it covers lies above the photograph.
    expect(at(rgb, 16, 3, 0)).toEqual([0.25, 0, 100])
    expect(at(rgb, 16, 2, 5)).toEqual([0, 0, 0])
    const right = sampleSquare(photo, { x: 36, y: 26, width: 8, height: 8 }, 8)
    expect(at(right, 8, 3, 3)).toEqual([39, 29, 200])
    expect(at(right, 8, 4, 3)).toEqual([0, 0, 0])
    expect(at(right, 8, 3, 4)).toEqual([0, 0, 0])
  })
})
