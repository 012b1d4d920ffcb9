import type { Photo } from '../image/photo.js'
import type { Box } from './detection.js'

/** Share of a tile that it has in common with the next one: no face that fits there is cut by both. */
const SHARED = 0.25

/** Four overlapping quarters of a picture, in whole pixels. */
export function quarters({ width, height }: Pick<Photo, 'width' | 'height'>): Box[] {
  const [w, h] = [width, height].map((side) => Math.ceil(side / (2 - SHARED)))
  return [0, height - h!].flatMap((y) =>
    [0, width - w!].map((x) => ({ x, y, width: w!, height: h! })),
  )
}

/** A copy of a part of a picture. */
export function cut({ width, pixels }: Photo, box: Box): Photo {
  const out = new Uint8Array(box.width * box.height * 3)
  for (let row = 0; row < box.height; row++) {
    const from = ((box.y + row) * width + box.x) * 3
    out.set(pixels.subarray(from, from + box.width * 3), row * box.width * 3)
  }
  return { width: box.width, height: box.height, pixels: out }
}

/** Boxes of cut faces end so near to a side of the tile, as a share of its length. */
const EDGE = 0.01

/** Whether a box in a tile reaches a side of it that is no side of the picture: what it frames may have been cut. */
export function isCut(
  { x, y, width, height }: Box,
  tile: Box,
  picture: Pick<Photo, 'width' | 'height'>,
): boolean {
  const [w, h] = [tile.width * EDGE, tile.height * EDGE]
  return (
    (tile.x > 0 && x <= w) ||
    (tile.y > 0 && y <= h) ||
    (tile.x + tile.width < picture.width && x + width >= tile.width - w) ||
    (tile.y + tile.height < picture.height && y + height >= tile.height - h)
  )
}
