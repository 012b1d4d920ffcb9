import type { Point } from '../align/similarity.js'
import type { Photo } from '../image/photo.js'
import type { Detection } from './detection.js'

/** Clockwise, as seen: 1 is 90 degrees. */
export type QuarterTurns = 0 | 1 | 2 | 3

/** Pixels of a side of a block: both pictures' rows of one stay in the cache. */
const BLOCK = 32

/** A copy of a photograph turned clockwise. */
export function turned(photo: Photo, turns: QuarterTurns): Photo {
  if (turns === 0) return photo
  const { width, height, pixels } = photo
  const size = turns === 2 ? { width, height } : { width: height, height: width }
  const out = new Uint8Array(pixels.length)
  // Where the first pixel goes, and how far it is from there to the next in the row and in the column.
  const [first, right, down] = {
    1: [height - 1, height, -1],
    2: [height * width - 1, -1, -width],
    3: [(width - 1) * height, -height, 1],
  }[turns] as [number, number, number]
  for (let top = 0; top < height; top += BLOCK)
    for (let left = 0; left < width; left += BLOCK)
      for (let y = top; y < Math.min(top + BLOCK, height); y++)
        for (let x = left; x < Math.min(left + BLOCK, width); x++) {
          const from = (y * width + x) * 3
          const to = (first + x * right + y * down) * 3
          out[to] = pixels[from]!
          out[to + 1] = pixels[from + 1]!
          out[to + 2] = pixels[from + 2]!
        }
  return { ...photo, ...size, pixels: out }
}

/** A face found in `turned(photo, turns)`, in the pixels of the photograph itself. */
export function turnedBack<Face extends Detection>(
  face: Face,
  turns: QuarterTurns,
  { width, height }: Pick<Photo, 'width' | 'height'>,
): Face {
  /** `edge`: 1 for middles of pixels, of which the first is 0; 0 for corners of a box. */
  const back = ({ x, y }: Point, edge: 0 | 1): Point => {
    if (turns === 1) return { x: y, y: height - edge - x }
    if (turns === 2) return { x: width - edge - x, y: height - edge - y }
    return turns === 3 ? { x: width - edge - y, y: x } : { x, y }
  }
  const a = back(face.box, 0)
  const b = back({ x: face.box.x + face.box.width, y: face.box.y + face.box.height }, 0)
  const box = {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  }
  return { ...face, box, points: face.points.map((point) => back(point, 1)) }
}
