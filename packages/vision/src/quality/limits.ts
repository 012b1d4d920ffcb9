import { z } from 'zod'
import { PLAUSIBLE } from '../detect/plausible.js'
import { VisionError } from '../errors.js'
import { IMAGE_BYTES } from '../image/size.js'
import { type Quality, textureOf } from './quality.js'

/** Limits that a face keeps to be recognised; `docs/recognize.md` has what they were measured on. */
const limitsSchema = z.strictObject({
  /** Least distance between the eyes in the photograph, pixels. */
  eyes: z.number().min(0).default(14),
  /** Least `sharpness` of the aligned face. */
  sharpness: z.number().min(0).default(50),
  /** Most `noise` of the aligned face. */
  noise: z.number().min(0).default(1.5),
  /** Most of the aligned face that is `flat`. */
  flat: z.number().min(0).max(1).default(0.15),
  /** How far a head looks to a side at most, radians. */
  yaw: z.number().min(0).max(Math.PI).default(1.2),
  /** How far it looks up or down at most, radians. */
  pitch: z.number().min(0).max(Math.PI).default(1),
  /** Least `plausibility`, 0 to 1. */
  plausibility: z.number().min(0).max(1).default(PLAUSIBLE),
})

export type QualityLimits = z.infer<typeof limitsSchema>
/** Limits of one's own in place of the usual ones, or false: every face is recognised. */
export type QualityOption = { readonly [name in keyof QualityLimits]?: QualityLimits[name] } | false

/** Why a face is not recognised: the eyes too near to each other, not sharp, full of noise, crushed to blocks, a head turned too far, hardly a face. */
export type Rejection = 'small' | 'blurred' | 'noisy' | 'crushed' | 'turned' | 'implausible'

/** No face is rejected by them. */
const NONE: QualityLimits = {
  eyes: 0,
  sharpness: 0,
  noise: Infinity,
  flat: 1,
  yaw: Infinity,
  pitch: Infinity,
  plausibility: 0,
}

/** @throws VisionError VISION_USE: a limit that is unknown or out of range */
export function limitsOf(option: QualityOption = {}): QualityLimits {
  if (option === false) return NONE
  const parsed = limitsSchema.safeParse(option)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const name = ['quality', ...issue!.path].join('.')
  throw new VisionError('VISION_USE', `${name}: ${issue!.message}`, { cause: parsed.error })
}

/** What a face falls short of. */
export function rejectionsOf(quality: Quality, limits: QualityLimits): Rejection[] {
  const { eyes, sharpness, noise, flat, yaw, pitch, plausibility } = quality
  const all: readonly (readonly [Rejection, boolean])[] = [
    ['small', eyes >= limits.eyes],
    ['blurred', sharpness >= limits.sharpness],
    ['noisy', noise <= limits.noise],
    ['crushed', flat <= limits.flat],
    ['turned', Math.abs(yaw) <= limits.yaw && Math.abs(pitch) <= limits.pitch],
    ['implausible', plausibility >= limits.plausibility],
  ]
  // What is not a number keeps no limit.
  return all.filter(([, kept]) => !kept).map(([rejection]) => rejection)
}

/** Keeps every limit. */
const BEST: Quality = {
  eyes: Infinity,
  sharpness: Infinity,
  noise: 0,
  flat: 0,
  plausibility: 1,
  yaw: 0,
  pitch: 0,
  roll: 0,
}

const degrees = (radians: number) => Math.round((radians * 180) / Math.PI)

/** Rejections with the figures that led to them, for people to read. */
export function reasonsOf(
  rejected: readonly Rejection[],
  { eyes, sharpness, noise, flat, yaw, pitch, plausibility }: Quality,
): string {
  const figures: Record<Rejection, string> = {
    small: `${eyes.toFixed(0)} pixels between the eyes`,
    blurred: `sharpness ${sharpness.toFixed(0)}`,
    noisy: `noise ${noise.toFixed(2)}`,
    crushed: `${(100 * flat).toFixed(0)} % of it flat`,
    turned: `yaw ${degrees(yaw)}, pitch ${degrees(pitch)} degrees`,
    implausible: `hardly a face, plausibility ${plausibility.toFixed(2)}`,
  }
  return rejected.map((rejection) => `${rejection} (${figures[rejection]})`).join(', ')
}

/** What a face that was aligned already falls short of, and in words. */
export interface JudgedAligned {
  readonly rejected: readonly Rejection[]
  readonly reasons: string
}

/** Judges a face that was aligned already: nothing but its sharpness and noise are known. @throws VisionError VISION_IMAGES */
export function judgeAligned(
  pixels: Uint8Array,
  limits: QualityLimits = limitsOf(),
): JudgedAligned {
  if (!(pixels instanceof Uint8Array && pixels.length === IMAGE_BYTES))
    throw new VisionError('VISION_IMAGES', 'an aligned face is a Uint8Array of 112 x 112 x 3 bytes')
  const quality = { ...BEST, ...textureOf(pixels) }
  const rejected = rejectionsOf(quality, limits)
  return { rejected, reasons: reasonsOf(rejected, quality) }
}
