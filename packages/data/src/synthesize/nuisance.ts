import type { Random } from '@arcface/vision'
import type { Colour } from './identity.js'

/** What differs between two photographs of one person. Lengths as in Identity, angles in radians. */
export interface Nuisance {
  pose: { yaw: number; pitch: number }
  /** What alignment by detected landmarks leaves: rotation, relative size, shift. */
  alignment: { roll: number; scale: number; x: number; y: number }
  expression: {
    /** -0.4 sad .. 1 broad. */
    smile: number
    /** 0 closed .. 1 wide open. */
    mouth: number
    /** 0 closed .. 1.2 wide. */
    eyes: number
    /** Raised brows, in pixels. */
    brows: number
    gaze: { x: number; y: number }
  }
  /** Changes that a person makes between photographs. */
  style: {
    hairLength: number
    hairlineY: number
    /** Opacity of make-up on the lips. */
    lipstick: number
    /** Factor on the beard's opacity. */
    beard: number
    glasses: { width: number; height: number; round: number; colour: Colour; tint: number } | null
  }
  light: {
    /** Points to the light; x right, y down, z to the camera; length 1. */
    direction: readonly [number, number, number]
    ambient: number
    diffuse: number
    specular: number
    colour: readonly [number, number, number]
  }
  occlusion: {
    x: number
    y: number
    width: number
    height: number
    angle: number
    colour: Colour
  } | null
  background: {
    top: Colour
    bottom: Colour
    blobs: { x: number; y: number; radius: number; colour: Colour }[]
  }
  camera: {
    gamma: number
    /** Standard deviations: of the blur in pixels, of the noise in grey levels. */
    blur: number
    noise: number
    grey: boolean
  }
}

/** Draws the circumstances of one photograph. The same state of `random` gives the same ones. */
export function drawNuisance(random: Random): Nuisance {
  const r = random
  const bounded = (deviation: number, limit: number) =>
    Math.min(Math.max(deviation * r.normal(), -limit), limit)
  const colour = (): Colour => [r.between(15, 240), r.between(15, 240), r.between(15, 240)]
  const warmth = bounded(0.09, 0.22)
  return {
    pose: { yaw: bounded(0.27, 0.52), pitch: bounded(0.14, 0.3) },
    alignment: {
      roll: bounded(0.04, 0.12),
      scale: 1 + bounded(0.035, 0.1),
      x: bounded(1.4, 4),
      y: bounded(1.4, 4),
    },
    expression: {
      smile: r.chance(0.5) ? r.between(0.3, 1) : r.between(-0.4, 0.3),
      mouth: r.chance(0.35) ? r.between(0.15, 1) : 0,
      eyes: r.chance(0.06) ? 0.1 : r.between(0.62, 1.18),
      brows: bounded(1.3, 4),
      gaze: { x: bounded(0.8, 2), y: bounded(0.4, 1) },
    },
    style: {
      hairLength: bounded(0.06, 0.15),
      hairlineY: bounded(1.5, 4),
      lipstick: r.chance(0.15) ? r.between(0.3, 0.8) : 0,
      beard: r.between(0.55, 1.25),
      glasses: r.chance(0.14)
        ? {
            width: r.between(10, 14),
            height: r.between(7, 11),
            round: r.float(),
            colour: r.chance(0.7) ? [28, 26, 26] : colour(),
            tint: r.chance(0.3) ? r.between(0.5, 0.9) : r.between(0, 0.12),
          }
        : null,
    },
    light: {
      direction: lightDirection(r),
      ambient: r.between(0.3, 0.75),
      diffuse: r.between(0.3, 0.85),
      specular: r.between(0, 0.3),
      colour: [1 + warmth, 1 + bounded(0.02, 0.05), 1 - warmth],
    },
    occlusion: r.chance(0.1)
      ? {
          x: r.between(-48, 48),
          y: r.between(-20, 55),
          width: r.between(14, 34),
          height: r.between(18, 50),
          angle: r.between(-60, 60),
          colour: colour(),
        }
      : null,
    background: {
      top: colour(),
      bottom: colour(),
      blobs: Array.from({ length: r.below(6) }, () => ({
        x: r.between(0, 112),
        y: r.between(0, 112),
        radius: r.between(8, 40),
        colour: colour(),
      })),
    },
    camera: {
      gamma: Math.exp(bounded(0.17, 0.45)),
      blur: r.chance(0.45) ? r.between(0.4, 1.7) : 0,
      noise: 9 * r.float() ** 2,
      grey: r.chance(0.05),
    },
  }
}

/** Mostly from above and in front, sometimes from the side. */
function lightDirection(random: Random): [number, number, number] {
  const x = random.between(-1, 1)
  const y = random.between(-0.9, 0.35)
  const z = random.between(0.35, 1)
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}
