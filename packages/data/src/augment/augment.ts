import type { Random } from '@arcface/vision'
import { IMAGE_SIZE } from '@arcface/vision'
import { blur } from './blur.js'
import { adjust, dropColour, scaleBrightness, scaleContrast, scaleSaturation } from './color.js'
import { crop } from './crop.js'
import type { AugmentOptions } from './options.js'
import { drawPlacement, place, symmetric } from './place.js'
import { lowerResolution } from './resolution.js'

const S = IMAGE_SIZE
const ROW = S * 3
const GREY = 127

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
  const { lowResolution: low, blur: soft, colorJitter, grayscale, cutout } = options
  if (options.crop !== undefined && random.chance(options.crop.probability))
    crop(out, options.crop.minArea, random)
  if (low !== undefined && random.chance(low.probability))
    lowerResolution(out, Math.round(random.between(low.minSide, low.maxSide ?? S)))
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
