import { IMAGE_SIZE } from '@arcface/vision'
import { DataError } from '../errors.js'

/** Random changes of a training image. What is left out is off. */
export interface AugmentOptions {
  /** Mirror every second image. */
  flip?: boolean
  /** Largest shift along each axis, in pixels; the border is continued. */
  translate?: number
  /** Largest relative change of size: 0.1 draws factors from 0.9 to 1.1. */
  scale?: number
  /** Largest rotation about the centre, in radians. */
  rotate?: number
  /** Keep a rectangle of a share of the area uniform from `minArea` to 1, where it is; what is around it turns black. */
  crop?: { probability: number; minArea: number }
  /** Shrink to a side uniform between `minSide` and `maxSide` pixels (full size where left out), and enlarge again. */
  lowResolution?: { probability: number; minSide: number; maxSide?: number }
  /** A Gaussian of a standard deviation uniform between the two, in pixels; the border is continued. */
  blur?: { probability: number; minSigma: number; maxSigma: number }
  /** Largest change of brightness, as a fraction of white. */
  brightness?: number
  /** Largest relative change of contrast about mid-grey. */
  contrast?: number
  /** Brightness, contrast and saturation by factors uniform from 1 - x (0 at least) to 1 + x, in random order. */
  colorJitter?: { probability: number; brightness: number; contrast: number; saturation: number }
  /** Probability of dropping the colour. */
  grayscale?: number
  /** A grey square, its side uniform between two fractions of the image's side. */
  cutout?: { probability: number; minSize: number; maxSize: number }
}

/** @throws DataError DATA_OPTION where a value makes no sense */
export function checkAugmentOptions(options: AugmentOptions): void {
  const { blur, colorJitter, crop, cutout, lowResolution } = options
  const ranges: [string, number | undefined, number, number][] = [
    ['translate', options.translate, 0, IMAGE_SIZE / 2],
    ['scale', options.scale, 0, 0.9],
    ['rotate', options.rotate, 0, Math.PI],
    ['crop.probability', crop?.probability, 0, 1],
    ['crop.minArea', crop?.minArea, 0, 1],
    ['lowResolution.probability', lowResolution?.probability, 0, 1],
    ['lowResolution.maxSide', lowResolution?.maxSide, 1, IMAGE_SIZE],
    ['lowResolution.minSide', lowResolution?.minSide, 1, lowResolution?.maxSide ?? IMAGE_SIZE],
    ['blur.probability', blur?.probability, 0, 1],
    ['blur.maxSigma', blur?.maxSigma, 0, IMAGE_SIZE / 4],
    ['blur.minSigma', blur?.minSigma, 0, blur?.maxSigma ?? 0],
    ['brightness', options.brightness, 0, 1],
    ['contrast', options.contrast, 0, 1],
    ['colorJitter.probability', colorJitter?.probability, 0, 1],
    ['colorJitter.brightness', colorJitter?.brightness, 0, 10],
    ['colorJitter.contrast', colorJitter?.contrast, 0, 10],
    ['colorJitter.saturation', colorJitter?.saturation, 0, 10],
    ['grayscale', options.grayscale, 0, 1],
    ['cutout.probability', cutout?.probability, 0, 1],
    ['cutout.maxSize', cutout?.maxSize, 0, 1],
    ['cutout.minSize', cutout?.minSize, 0, cutout?.maxSize ?? 1],
  ]
  for (const [name, value, low, high] of ranges)
    if (value !== undefined && !(value >= low && value <= high))
      throw new DataError(
        'DATA_OPTION',
        `augment.${name} must be from ${low} to ${high}, but it is ${value}.`,
      )
}
