import { z } from 'zod'
import { PLAUSIBLE } from '../detect/plausible.js'
import { VisionError } from '../errors.js'
import { IMAGE_BYTES } from '../image/size.js'
import { type Grade, type GradeParts, texturesOf } from './grade.js'
import { lightOf } from './light.js'
import { type Quality, textureOf } from './quality.js'

/**
 * What a face is judged for: to be recognised once, or to be kept in a gallery, where one poor face is met by every later
 * search.
 */
export const PURPOSES = ['recognition', 'enrolment'] as const
export type Purpose = (typeof PURPOSES)[number]

/** Limits that a face keeps; `docs/recognize.md` has what they were measured on. */
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
  /** Least `grade`, 0 to 1. */
  grade: z.number().min(0).max(1).default(0),
})

export type QualityLimits = z.infer<typeof limitsSchema>
/** Limits of one's own in place of the usual ones, or false: every face is recognised. */
export type QualityOption = { readonly [name in keyof QualityLimits]?: QualityLimits[name] } | false

/** Where enrolment is stricter. */
const ENROLMENT: QualityOption = { eyes: 20, grade: 0.6 }

/**
 * Why a face is not recognised, or not enrolled: the eyes too near to each other, not sharp, full of noise, crushed to
 * blocks, a head turned too far, hardly a face; and what enrolment alone refuses: too dark, too bright, something covers it.
 */
export type Rejection =
  | 'small'
  | 'blurred'
  | 'noisy'
  | 'crushed'
  | 'turned'
  | 'implausible'
  | 'dark'
  | 'bright'
  | 'covered'

/** No face is rejected by them. */
const NONE: QualityLimits = {
  eyes: 0,
  sharpness: 0,
  noise: Infinity,
  flat: 1,
  yaw: Infinity,
  pitch: Infinity,
  plausibility: 0,
  grade: 0,
}

/**
 * The limits for a purpose; those given go before the usual ones, whether stricter or laxer.
 * @throws VisionError VISION_USE: a limit that is unknown or out of range
 */
export function limitsOf(
  option: QualityOption = {},
  purpose: Purpose = 'recognition',
): QualityLimits {
  if (option === false) return NONE
  const parsed = limitsSchema.safeParse(
    purpose === 'enrolment' && typeof option === 'object' ? { ...ENROLMENT, ...option } : option,
  )
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

/** Parts below the root of the limit, which two of them would miss together; else the least alone. */
function gradeReasons({ parts }: Grade, limit: number, quality: Quality): Rejection[] {
  const { blurred, noisy, crushed } = texturesOf(quality)
  const texture = Math.min(noisy, crushed) < blurred && (noisy < crushed ? 'noisy' : 'crushed')
  const words: Record<keyof GradeParts, Rejection> = {
    size: 'small',
    blur: texture || 'blurred',
    pose: 'turned',
    light: quality.brightness < 128 ? 'dark' : 'bright',
    points: 'implausible',
    occlusion: 'covered',
  }
  const known = (Object.keys(words) as (keyof GradeParts)[])
    .map((name) => ({ name, part: parts[name] ?? 1 }))
    .sort((a, b) => a.part - b.part)
  const low = known.filter(({ part }) => !(part >= Math.sqrt(limit)))
  return (low.length > 0 ? low : known.slice(0, 1)).map(({ name }) => words[name])
}

/** `rejectionsOf`, and where the grade falls short what it does so by. */
export function judgeFace(
  { quality, grade }: { readonly quality: Quality; readonly grade: Grade },
  limits: QualityLimits,
): Rejection[] {
  const rejected = rejectionsOf(quality, limits)
  if (grade.value >= limits.grade) return rejected
  return [...new Set([...rejected, ...gradeReasons(grade, limits.grade, quality)])]
}

/** Keeps every limit: what an aligned face does not tell (its distance, pose, plausibility) is taken for this. */
export const BEST_QUALITY: Quality = {
  eyes: Infinity,
  sharpness: Infinity,
  noise: 0,
  flat: 0,
  plausibility: 1,
  yaw: 0,
  pitch: 0,
  roll: 0,
  brightness: 127.5,
  contrast: Infinity,
  sides: 0,
}

const degrees = (radians: number) => Math.round((radians * 180) / Math.PI)

/** Rejections with the figures that led to them, for people to read. */
export function reasonsOf(
  rejected: readonly Rejection[],
  { eyes, sharpness, noise, flat, yaw, pitch, plausibility, brightness }: Quality,
): string {
  const figures: Record<Rejection, string> = {
    small: `${eyes.toFixed(0)} pixels between the eyes`,
    blurred: `sharpness ${sharpness.toFixed(0)}`,
    noisy: `noise ${noise.toFixed(2)}`,
    crushed: `${(100 * flat).toFixed(0)} % of it flat`,
    turned: `yaw ${degrees(yaw)}, pitch ${degrees(pitch)} degrees`,
    implausible: `hardly a face, plausibility ${plausibility.toFixed(2)}`,
    dark: `brightness ${brightness.toFixed(0)} of 255`,
    bright: `brightness ${brightness.toFixed(0)} of 255`,
    covered: 'or else hard to make out: its embedding is short',
  }
  return rejected.map((rejection) => `${rejection} (${figures[rejection]})`).join(', ')
}

/** Of a face that was aligned already: what it tells is measured, the rest is `BEST_QUALITY`. */
export const qualityOfAligned = (pixels: Uint8Array): Quality => ({
  ...BEST_QUALITY,
  ...textureOf(pixels),
  ...lightOf(pixels),
})

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
  const quality = qualityOfAligned(pixels)
  const rejected = rejectionsOf(quality, limits)
  return { rejected, reasons: reasonsOf(rejected, quality) }
}
