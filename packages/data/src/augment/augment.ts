import { IMAGE_SIZE } from '../images/decode.js'
import type { Random } from '../random/random.js'
import { blur } from './blur.js'
import { adjust, dropColour, scaleBrightness, scaleContrast, scaleSaturation } from './color.js'
import type { AugmentOptions } from './options.js'
import { drawPlacement, place, symmetric } from './place.js'
import { lowerResolution } from './resolution.js'

const S = IMAGE_SIZE
const ROW = S * 3
const GREY = 127
const BLACK = 0

/**
 * Augments one image. A pure function: the same image, options and state of `random` give the same bytes.
 *
 * @param image IMAGE_BYTES bytes, left as they are
 * @param out IMAGE_BYTES bytes that receive the result; must not overlap `image`
 */
export function augment(
  image: Uint8Array,
  options: AugmentOptions,
  random: Random,
  out: Uint8Array,
): void {
  place(image, drawPlacement(options, random), out)
  alter(out, options, random)
}

/** Everything but the placement, which `random` has given before. In place. */
export function alter(out: Uint8Array, options: AugmentOptions, random: Random): void {
  const { crop, lowResolution: low, blur: soft, colorJitter, grayscale, cutout } = options
  if (crop !== undefined && random.chance(crop.probability))
    keepRectangle(out, crop.minArea, random)

  if (low !== undefined && random.chance(low.probability))
    lowerResolution(out, Math.round(random.between(low.minSide, S)))
  if (soft !== undefined && random.chance(soft.probability))
    blur(out, random.between(soft.minSigma, soft.maxSigma))

  const brightness = symmetric(random, options.brightness)
  const contrast = 1 + symmetric(random, options.contrast)
  if (brightness !== 0 || contrast !== 1) adjust(out, brightness, contrast)
  if (colorJitter !== undefined && random.chance(colorJitter.probability)) {
    const factor = (most: number) => random.between(Math.max(0, 1 - most), 1 + most)
    const changes = [
      () => scaleBrightness(out, factor(colorJitter.brightness)),
      () => scaleContrast(out, factor(colorJitter.contrast)),
      () => scaleSaturation(out, factor(colorJitter.saturation)),
    ]
    for (const i of random.permutation(3)) changes[i]!()
  }
  if (grayscale !== undefined && random.chance(grayscale)) dropColour(out)

  if (cutout !== undefined && random.chance(cutout.probability)) {
    const side = Math.round(S * random.between(cutout.minSize, cutout.maxSize))
    const x = random.below(S - side + 1)
    const y = random.below(S - side + 1)
    for (let row = y; row < y + side; row++)
      out.fill(GREY, row * ROW + x * 3, row * ROW + (x + side) * 3)
  }
}

/**
 * The rectangle of torchvision's RandomResizedCrop, aspect from 3:4 to 4:3; AdaFace (arXiv 2204.00964) leaves it where
 * it is and blackens the rest. One that does not fit is drawn again, ten times; then the image stays whole.
 */
function keepRectangle(out: Uint8Array, minArea: number, random: Random): void {
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
