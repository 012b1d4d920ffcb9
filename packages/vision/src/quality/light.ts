import { luma } from '../image/luma.js'
import { IMAGE_SIZE } from '../image/size.js'
import { MIDDLE } from './middle.js'

/** How a face is lit. */
export interface Light {
  /** Mean of the greys of eyes, nose and mouth, 0 to 255. */
  readonly brightness: number
  /** Standard deviation of them: low in front of a bright window, and in fog. */
  readonly contrast: number
  /** Difference between the face's halves as a share of both together, 0 to 1: high where the light comes from a side. */
  readonly sides: number
}

/** @param face aligned, 112 x 112 x 3 */
export function lightOf(face: Uint8Array): Light {
  const { left: first, right: end, top, bottom } = MIDDLE
  const halves = [0, 0]
  let squares = 0
  for (let y = top; y < bottom; y++)
    for (let x = first; x < end; x++) {
      const value = luma(face, 3 * (y * IMAGE_SIZE + x))
      halves[Number(x >= IMAGE_SIZE / 2)]! += value
      squares += value * value
    }
  const [left, right] = halves as [number, number]
  const sum = left + right
  const count = (end - first) * (bottom - top)
  const brightness = sum / count
  const contrast = Math.sqrt(Math.max(0, squares / count - brightness ** 2))
  return { brightness, contrast, sides: sum === 0 ? 0 : Math.abs(left - right) / sum }
}
