import type { Quality } from './quality.js'

/** What a face is graded by; each from 0 to 1. */
export interface GradeParts {
  /** How far apart the eyes are in the photograph. */
  readonly size: number
  /** Sharpness, noise, and how much of the face is flat. */
  readonly blur: number
  /** How far the head looks to a side, up or down. */
  readonly pose: number
  /** How far the face is from black and from white. */
  readonly light: number
  /** Whether the points are a face's. */
  readonly points: number
  /**
   * How much of a face the embedder saw, by the length of its embedding: little where something covers the face. Null where
   * that is not known: the face is not embedded, the network normalises by itself, or the model's usual length is not told.
   */
  readonly occlusion: number | null
}

/** One figure of a face's quality, and what it is made of. */
export interface Grade {
  /** 0 to 1, the product of the parts that are known. */
  readonly value: number
  readonly parts: GradeParts
}

/** 1 for nothing, a half for 1, 0 without end: the larger the power, the steeper. */
const kept = (harm: number, power: number) => 1 / (1 + harm ** power)

/** What `blur` is the product of, by what each says of a face. */
export const texturesOf = ({ sharpness, noise, flat }: Quality) => ({
  blurred: kept(15 / sharpness, 2),
  noisy: kept(noise / 3.9, 3),
  crushed: kept(flat / 0.35, 1),
})

/**
 * How good a picture of a face is to recognise it by. Each part is about the share of comparisons with good photographs of
 * the same person that still succeed at FMR 1e-2, among those that do of a good one; its curve was fitted to what was
 * measured on people of Pins and CelebA, of two embedders alike (docs/recognize.md): on faces made smaller (`size`), blurred
 * (`blur`), and as they are (the others).
 * @param length of the embedding before normalisation, as a share of the model's usual
 */
export function gradeOf(quality: Quality, length?: number): Grade {
  const { eyes, yaw, pitch, brightness, plausibility } = quality
  const { blurred, noisy, crushed } = texturesOf(quality)
  const parts: GradeParts = {
    size: kept(7.7 / eyes, 6),
    blur: blurred * noisy * crushed,
    pose: 1 / (1 + (yaw / 1.2) ** 8 + pitch ** 8),
    light: kept(15 / Math.min(brightness, 255 - brightness), 2),
    points: kept(0.5 / plausibility, 6),
    occlusion: length === undefined ? null : kept(0.64 / length, 8),
  }
  const { size, blur, pose, light, points, occlusion } = parts
  const value = size * blur * pose * light * points * (occlusion ?? 1)
  return { value, parts }
}
