import type { Random } from '@arcface/vision'
import { IMAGE_SIZE } from '@arcface/vision'

const S = IMAGE_SIZE
const ROW = S * 3
const BLACK = 0

/**
 * The rectangle of torchvision's RandomResizedCrop, aspect from 3:4 to 4:3; AdaFace (arXiv 2204.00964) leaves it where
 * it is and blackens the rest. One that does not fit is drawn again, ten times; then the image stays whole.
 */
export function crop(out: Uint8Array, minArea: number, random: Random): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.between(minArea, 1)
    const aspect = Math.exp(random.between(Math.log(3 / 4), Math.log(4 / 3)))
    const width = Math.round(S * Math.sqrt(area * aspect))
    const height = Math.round(S * Math.sqrt(area / aspect))
    if (width > S || height > S) continue
    const x = random.below(S - width + 1)
    const y = random.below(S - height + 1)
    out.fill(BLACK, 0, y * ROW)
    for (let row = y; row < y + height; row++) {
      out.fill(BLACK, row * ROW, row * ROW + x * 3)
      out.fill(BLACK, row * ROW + (x + width) * 3, (row + 1) * ROW)
    }
    out.fill(BLACK, (y + height) * ROW)
    return
  }
}
