import type { Photo } from '../image/photo.js'
import { rowAdder } from './rows.js'

/** A mean is a sum times so many whole parts of 1: faster than a division. */
const PARTS = 2 ** 24

/** A photograph each of whose rows is the mean of `side` rows, rounded to bytes; the last row is repeated. */
export function meansOfRows(photo: Photo, side: number): Photo {
  const { width } = photo
  const height = Math.ceil(photo.height / side)
  const share = Math.floor(PARTS / side)
  const half = side >> 1
  const length = width * 3
  const pixels = new Uint8Array(length * height)
  const addRows = rowAdder(photo, side)
  for (let row = 0; row < height; row++) {
    const sums = addRows(row * side)
    const at = row * length
    for (let i = 0; i < length; i++) pixels[at + i] = Math.imul((sums[i]! + half) | 0, share) >>> 24
  }
  return { width, height, pixels }
}

/** A photograph each of whose columns is the mean of `side` columns, rounded to bytes; the last column is repeated. */
export function meansOfColumns(photo: Photo, side: number): Photo {
  const { height } = photo
  const width = Math.ceil(photo.width / side)
  const share = Math.floor(PARTS / side)
  const half = side >> 1
  const pixels = new Uint8Array(width * height * 3)
  const left = width * side - photo.width
  const from = photo.pixels
  for (let row = 0, to = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 3) {
      const repeated = column === width - 1 ? left : 0
      let red = half
      let green = half
      let blue = half
      for (const end = at + 3 * (side - repeated); at < end; at += 3) {
        red = (red + from[at]!) | 0
        green = (green + from[at + 1]!) | 0
        blue = (blue + from[at + 2]!) | 0
      }
      if (repeated > 0) {
        red += repeated * from[at - 3]!
        green += repeated * from[at - 2]!
        blue += repeated * from[at - 1]!
      }
      pixels[to] = Math.imul(red, share) >>> 24
      pixels[to + 1] = Math.imul(green, share) >>> 24
      pixels[to + 2] = Math.imul(blue, share) >>> 24
    }
  }
  return { width, height, pixels }
}
