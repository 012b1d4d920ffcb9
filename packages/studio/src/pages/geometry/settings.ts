import {
  degrees,
  type MarginGradient,
  type Margins,
  namedMargins,
  radians,
} from '@arcface/evaluate'

/** What the page draws: a loss, and one sample under it. */
export interface Settings {
  margins: Margins
  scale: number
  /** Number of classes. */
  classes: number
  /** From the sample to its own centre, radians. */
  theta: number
  /** From the sample to each of the other centres, radians. */
  other: number
  gradient: MarginGradient
}

export type PresetName = keyof typeof namedMargins

/** In the order of the paper's table 2, with what they are called. */
export const PRESETS: readonly { name: PresetName; title: string }[] = [
  { name: 'norm-softmax', title: 'Norm-Softmax' },
  { name: 'sphereface', title: 'SphereFace' },
  { name: 'cosface', title: 'CosFace' },
  { name: 'arcface', title: 'ArcFace' },
  { name: 'cm1', title: 'CM1' },
  { name: 'cm2', title: 'CM2' },
]

/** The preset that has these margins, if one has. */
export const presetOf = ({ m1, m2, m3 }: Margins): PresetName | undefined =>
  PRESETS.find(({ name }) => {
    const own = namedMargins[name]
    return own.m1 === m1 && own.m2 === m2 && own.m3 === m3
  })?.name

export const FIRST: Settings = {
  margins: namedMargins.arcface,
  scale: 64,
  classes: 10_572,
  theta: radians(60),
  other: radians(90),
  gradient: 'true',
}

/** How many classes one may choose; 10,572 are those of CASIA-WebFace. */
export const CLASSES: readonly number[] = [2, 8, 100, 1000, 10_572, 100_000, 1_000_000]

/** A slider's angle: whole degrees stay whole. */
export const toDegrees = (angle: number): number => Number(degrees(angle).toFixed(6))
